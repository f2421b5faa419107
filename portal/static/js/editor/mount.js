// Puts a shared document on the page: joins the provider, the text, the tools and the words around them.
import { Announcements } from "editor/announcements"
import { handIn } from "editor/hand-in"
import { insertWords } from "editor/insert"
import { LinkDialog } from "editor/link-dialog"
import { Meter } from "editor/meter"
import { openedText } from "editor/opened-texts"
import { readCaret } from "editor/own-caret"
import { showPeople } from "editor/people"
import { Presence } from "editor/presence"
import { Provider } from "editor/provider"
import { RescuePanels } from "editor/rescue"
import { StateLine } from "editor/state-line"
import { Toolbar } from "editor/toolbar"
import { forgetStale, holdKey, unsentEdits } from "editor/unsent"
import { mountView } from "editor/view"
import { backTo, whereabouts } from "editor/whereabouts"
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
      link: parts.toRescues,
      words,
      announcements,
      insert: ({ text }) => this.#insert(text),
      handIn: (rescue) => handIn(settings.documentId, rescue),
      release: ({ id }) => this.provider.kept.release(id),
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
    const texts = openedText({ person, documentId, isOwnDevice })
    this.provider = new Provider({ documentId, clientKey, role, socket: this.socket, kept, texts })
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
    const { isWritable, ended, isStale } = this.provider
    return isWritable && !isStale && !["schema", "gone"].includes(ended)
  }

  #listen() {
    const { provider, presence } = this
    provider.on("synced", () => this.#mount())
    provider.on("replaced", () => this.#mount())
    provider.on("applying", () => this.mounted && readCaret(this.mounted.view))
    provider.on("reset", () => this.announcements.tell(say(this.words, "reset")))
    provider.on("rescued", (rescue) => this.rescues.show(rescue))
    provider.on("change", () => this.#showState())
    provider.on("tick", () => this.#showState())
    presence.on("people", () => this.#showPeople())
    this.lineLost = () => provider.renewLine() // the browser knows at once, a ping within nine seconds
    this.flush = () => {
      provider.outbox.flush()
      provider.keeping.now()
    }
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
    const { hadFocus = false, place = null } = this.left ?? this.#standpoint()
    this.left = null
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
    const { view } = this.mounted
    view.dom.addEventListener("focus", () => (this.hasCaret = true))
    if (place) view.dispatch(backTo(view.state, place))
    this.hasCaret = place !== null
    if (hadFocus) view.focus()
  }

  // Where this person stands in the text that is on the page; the place counts once they have been in it.
  #standpoint() {
    const { view } = this.mounted ?? {}
    if (!view) return {}
    return { hadFocus: view.hasFocus(), place: this.hasCaret ? whereabouts(view.state) : null }
  }

  /** Words that somebody handed in: `decide()` promises whether they are ours to put in, `refuse()` says it is locked. */
  async insertRescued({ text, decide, refuse }) {
    if (!this.isEditable || !this.mounted) return refuse()
    if (await decide() && this.mounted) this.#insert(text)
  }

  // Before somebody has been in the text, words go to its end. False when a part of them was too much.
  #insert(text) {
    const { view } = this.mounted
    const isWhole = insertWords(view, text, { atCaret: this.hasCaret })
    if (!isWhole) this.#tell(say(this.words, "paste_cut"))
    view.focus()
    return isWhole
  }

  #unmount() {
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
    this.#showWaysOut()
    const { isEditable, mounted, wasEditable } = this
    this.wasEditable = isEditable
    const isGone = this.provider.ended === "gone"
    if (!mounted || (isEditable === wasEditable && !isGone)) return
    if (isGone || !this.provider.isStale) return this.#mount()
    this.left = this.#standpoint()
    mounted.view.setProps({ editable: () => false })
  }

  // Who can write puts their words back; who cannot hands them in, unless signed out, when only copying is left.
  #showWaysOut() {
    const { isWritable, ended } = this.provider
    const insert = this.isEditable && Boolean(this.mounted)
    this.rescues.allow({ insert, handIn: !isWritable && ended !== "signed_out" })
  }

  #showPeople() {
    const lists = document.querySelectorAll(`[data-people-of="${this.settings.documentId}"]`)
    showPeople(this.presence, { lists, figure: this.parts.here, words: this.words })
  }
}
