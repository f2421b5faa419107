import { Controller } from "vendor/stimulus"
import { forgetDrafts } from "lib/drafts"

// The form that signs out: what was being written leaves this device with the person.
export default class extends Controller {
  now(event) {
    if (!event.defaultPrevented) forgetDrafts()
  }
}
