import { Controller } from "vendor/stimulus"

// Takes the focus when it appears: the summary of a form's errors. Never from where the person already is:
// this may load after they have moved on.
export default class extends Controller {
  connect() {
    if (document.activeElement === null || document.activeElement === document.body) this.element.focus()
  }
}
