export { Application, Controller } from "@hotwired/stimulus"
