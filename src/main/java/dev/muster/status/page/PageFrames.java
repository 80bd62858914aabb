package dev.muster.status.page;

import dev.muster.status.api.StatusReader;

/** Makes whole pages: a template's content inside what surrounds them all. */
final class PageFrames {
  private final StatusReader status;
  private final Assets assets;
  private final Templates templates = new Templates();

  PageFrames(StatusReader status, Assets assets) {
    this.status = status;
    this.assets = assets;
  }

  /**
   * The HTML of a page.
   *
   * @param path by which the navigation knows where it is
   */
  String page(String title, String path, String template, Object model) {
    String body = templates.fill(template, model);
    return templates.fill("frame", Frame.of(title, path, status.read(), assets, body));
  }
}
