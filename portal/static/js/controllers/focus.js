import { Controller } from "vendor/stimulus"

// Takes the focus when it appears: the summary of a form's errors.
export default class extends Controller {
  connect() {
    this.element.focus()
  }
}
