package dev.muster.status.page;

import dev.muster.status.api.StatusView;
import java.util.List;
import java.util.stream.Stream;

/** What surrounds every page. */
record Frame(
    String title,
    List<Link> navigation,
    StatusView status,
    String style,
    String script,
    String icon,
    String body) {
  Frame {
    navigation = List.copyOf(navigation);
  }

  /** An entry of the navigation. */
  record Link(String href, String label, boolean current) {}

  /**
   * Puts a page into its frame.
   *
   * @param regions whether there are other regions to look at
   */
  static Frame of(String title, String path, StatusView status, boolean regions, String body) {
    return new Frame(
        title,
        Stream.of(
                new String[] {"/", "Overview"},
                new String[] {"/jobs", "Jobs"},
                new String[] {"/runners", "Runners"},
                new String[] {"/cost", "Cost"},
                new String[] {"/regions", "Regions"},
                new String[] {"/queue", "Queue"},
                new String[] {"/config", "Config"},
                new String[] {"/audit", "Audit"})
            .filter(entry -> regions || !entry[0].equals("/regions"))
            .map(entry -> new Link(entry[0], entry[1], current(entry[0], path)))
            .toList(),
        status,
        Assets.address("status.css"),
        Assets.address("status.js"),
        Assets.address("icon.svg"),
        body);
  }

  private static boolean current(String entry, String path) {
    return entry.equals("/")
        ? path.equals("/") || path.startsWith("/pools/")
        : path.equals(entry) || path.startsWith(entry + "/");
  }
}
