// Puts a shared document on the page: joins the provider, the text, the tools and the words around them.
import { Announcements } from "editor/announcements"
import { insertWords } from "editor/insert"
import { LinkDialog } from "editor/link-dialog"
import { Meter } from "editor/meter"
import { readCaret } from "editor/own-caret"
import { showPeople } from "editor/people"
import { Presence } from "editor/presence"
import { Provider } from "editor/provider"
import { RescuePanels } from "editor/rescue"
import { StateLine } from "editor/state-line"
import { Toolbar } from "editor/toolbar"
import { forgetStale, holdKey, unsentEdits } from "editor/unsent"
import { mountView } from "editor/view"
import { say } from "editor/wording"

export class MountedDocument {
  /**
   * `parts` are the elements of templates/collab/editor.html by name; `settings` {documentId, role, label, rule,
   * unit, limit, words, person, isOwnDevice}; `socket` is the `/doc` namespace.
   */
  constructor({ parts, settings, socket }) {
    Object.assign(this, { parts, settings, socket, words: settings.words, mounted: null })
    this.announcements = new Announcements(parts.announcer)
    const { words, announcements } = this
    this.rescues = new RescuePanels({
      place: parts.rescues,
      form: parts.rescueForm,
      words,
      announcements,
      insert: ({ text }) => this.#insert(text),
      leave: () => this.mounted?.view.focus(),
    })
    this.stateLine = new StateLine({ line: parts.state, actions: parts.actions, announcements, words })
    this.meter = new Meter({ ...settings, figure: parts.figure, gauge: parts.gauge, announcements })
    this.links = new LinkDialog(parts.linkDialog)
    this.toolbar = new Toolbar(parts.tools, { askForLink: () => this.#askForLink() })
  }

  async open() {
    const { documentId, person, role, isOwnDevice } = this.settings
    const clientKey = crypto.randomUUID() // new at every page load and never stored: see unsent.js
    this.release = holdKey(clientKey)
    await forgetStale({ person, isOwnDevice })
    if (this.isClosed) return
    const kept = unsentEdits({ person, documentId })
    this.provider = new Provider({ documentId, clientKey, role, socket: this.socket, kept })
    this.presence = new Presence(this.provider)
    this.#listen()
    await this.provider.start()
    this.#showState()
  }

  /** Off the page: the line is told, what is not acknowledged stays on this device. */
  close() {
    this.isClosed = true
    removeEventListener("offline", this.lineLost)
    removeEventListener("pagehide", this.flush)
    document.removeEventListener("visibilitychange", this.seen)
    this.#unmount()
    for (const part of [this.toolbar, this.links, this.rescues, this.presence]) part?.destroy()
    this.provider?.stop()
    this.announcements.hush()
    this.release?.()
  }

  get isEditable() {
    const { role, ended, isStale } = this.provider
    return role === "write" && !isStale && !["schema", "gone"].includes(ended)
  }

  #listen() {
    const { provider, presence } = this
    provider.on("synced", () => this.#mount())
    provider.on("replaced", () => this.#mount())
    provider.on("applying", () => this.mounted && readCaret(this.mounted.view))
    for (const event of ["rescued", "removed"]) provider.on(event, (rescue) => this.rescues.show(rescue))
    provider.on("change", () => this.#showState())
    provider.on("tick", () => this.#showState())
    presence.on("people", () => this.#showPeople())
    this.lineLost = () => provider.renewLine() // the browser knows at once, a ping within nine seconds
    this.flush = () => provider.outbox.flush()
    this.seen = () => {
      this.flush()
      // Somebody who signed in again in another tab comes back to this one.
      const isBack = document.visibilityState === "visible" && provider.ended === "signed_out"
      if (isBack && !this.socket.active) this.socket.connect()
    }
    addEventListener("offline", this.lineLost)
    addEventListener("pagehide", this.flush)
    document.addEventListener("visibilitychange", this.seen)
  }

  #mount() {
    const hadFocus = this.mounted?.view.hasFocus() ?? false
    this.#unmount()
    const { parts, settings, words, provider, presence } = this
    parts.reading.hidden = true
    parts.surface.hidden = provider.ended === "gone"
    parts.tools.hidden = parts.help.hidden = !this.isEditable
    if (provider.ended === "gone") return
    this.mounted = mountView(parts.surface, {
      fragment: provider.fragment,
      presence,
      isEditable: () => this.isEditable,
      labels: { editing: settings.label, reading: say(words, "label_read_only", { label: settings.label }) },
      describedBy: parts.help.id,
      placeholder: say(words, "placeholder"),
      askForLink: () => this.#askForLink(),
      onEscape: () => this.announcements.say(say(words, "way_out")),
      onCut: () => this.#tell(say(words, "paste_cut")),
      onUpdate: (view, isDocChanged) => this.#updated(view, isDocChanged),
    })
    this.mounted.view.dom.addEventListener("focus", () => (this.hasCaret = true))
    if (hadFocus) this.mounted.view.focus()
  }

  // The caret's place counts once the person has been in this text; before, words go to the end.
  #insert(text) {
    const { view } = this.mounted
    if (!insertWords(view, text, { atCaret: this.hasCaret })) this.#tell(say(this.words, "paste_cut"))
    view.focus()
  }

  #unmount() {
    this.hasCaret = false
    this.mounted?.destroy()
    this.mounted = null
  }

  #updated(view, isDocChanged) {
    this.toolbar.update(view)
    if (isDocChanged) this.meter.touch(view.state.doc)
    if (isDocChanged) this.parts.notice.hidden = true
  }

  #askForLink() {
    if (this.mounted) this.links.open(this.mounted.view)
  }

  #tell(sentence) {
    queueMicrotask(() => {
      this.parts.notice.textContent = sentence // after the paste itself, which hides what was told before
      this.parts.notice.hidden = false
    })
    this.announcements.tell(sentence)
  }

  #showState() {
    this.stateLine.show(this.provider)
    this.rescues.allow({ insert: this.isEditable && Boolean(this.mounted) })
    const { isEditable, mounted, wasEditable } = this
    this.wasEditable = isEditable
    if (!mounted || isEditable === wasEditable) return
    if (this.provider.isStale) mounted.view.setProps({ editable: () => false })
    else this.#mount()
  }

  #showPeople() {
    const lists = document.querySelectorAll(`[data-people-of="${this.settings.documentId}"]`)
    showPeople(this.presence, { lists, figure: this.parts.here, words: this.words })
  }
}
