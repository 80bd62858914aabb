package dev.muster.status.page;

import dev.muster.status.api.RegionsView;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The regions: who is there, how far behind, and what was taken over. */
record RegionsPage(RegionsView view, List<Region> regions) {
  RegionsPage {
    regions = List.copyOf(regions);
  }

  /** A region, with the words for its state. */
  record Region(
      RegionsView.RegionView region, String tag, String state, String standsIn, String revision) {}

  static RegionsPage of(RegionsView view) {
    return new RegionsPage(
        view, view.regions().stream().map(region -> region(view, region)).toList());
  }

  private static Region region(RegionsView view, RegionsView.RegionView region) {
    boolean taken =
        view.takeovers().stream()
            .anyMatch(t ->
                t.returnedAt() == null
                    && t.region().equals(region.region())
                    && t.environment().equals(region.environment()));
    String state =
        region.own()
            ? region.beats() ? "this one" : "not held"
            : region.beats() ? "there" : taken ? "silent, its work taken over" : "silent";
    return new Region(
        region,
        region.beats() ? "good" : "bad",
        state,
        region.standsInFor().isEmpty() ? "" : "for " + String.join(", ", region.standsInFor()),
        brief(region.revision()));
  }

  private static String brief(@Nullable String revision) {
    return revision == null ? "none" : revision.substring(0, Math.min(10, revision.length()));
  }

  boolean any() {
    return view.any();
  }

  boolean anyTakeover() {
    return !view.takeovers().isEmpty();
  }

  boolean anyJob() {
    return !view.jobs().isEmpty();
  }
}
