// Turbo registers its elements and starts when it is imported.
export * from "@hotwired/turbo"
