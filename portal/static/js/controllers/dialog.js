import { Controller } from "vendor/stimulus"

// Opens a <dialog> instead of the page that the link leads to.
export default class extends Controller {
  static targets = [ "box" ]

  open(event) {
    event.preventDefault()
    this.boxTarget.showModal()
  }

  close(event) {
    event?.preventDefault()
    this.boxTarget.close()
  }

  // The backdrop counts as the dialog itself.
  closeOutside(event) {
    if (event.target === this.boxTarget) this.close()
  }
}
