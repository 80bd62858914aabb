package dev.muster.fleet.spec;

import dev.muster.config.Fields;
import dev.muster.config.Key;
import dev.muster.config.Problems;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Lists whose items have names. */
final class Named {
  private Named() {}

  /**
   * The items by name, the first of each; a name given twice is reported.
   *
   * @param called what an item is, as {@code pool}
   */
  static Map<String, Fields> unique(
      List<Fields> items, Key<String> name, String called, Problems problems) {
    Map<String, Fields> byName = new LinkedHashMap<>();
    for (Fields item : items) {
      item.given(name)
          .ifPresent(given -> {
            Fields first = byName.putIfAbsent(given, item);
            if (first != null) {
              problems.error(
                  item.place(name),
                  called + " \"" + given + "\" is given twice",
                  "first at " + first.place(name));
            }
          });
    }
    return byName;
  }
}
