package dev.muster.status.page;

import dev.muster.status.api.Readers;

/** Makes whole pages: a template's content inside what surrounds them all. */
final class PageFrames {
  private final Readers readers;
  private final Templates templates = new Templates();

  PageFrames(Readers readers) {
    this.readers = readers;
  }

  /**
   * The HTML of a page.
   *
   * @param path by which the navigation knows where it is
   */
  String page(String title, String path, String template, Object model) {
    String body = templates.fill(template, model);
    Frame frame = Frame.of(title, path, readers.status().read(), readers.regions().any(), body);
    return templates.fill("frame", frame);
  }
}
