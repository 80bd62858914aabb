package dev.muster.status.api;

import dev.muster.config.RevisionStore;
import dev.muster.config.RevisionStore.Decided;
import dev.muster.kernel.store.Read;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The config in force and how it came to be.
 *
 * @param source where configs come from: {@code embedded} or a URL
 * @param inForce null while there is none
 * @param rejected the branch's newest revision where it was refused, else null
 * @param revisions what was decided, newest first
 */
public record ConfigView(
    String source,
    @Nullable RevisionView inForce,
    @Nullable RejectedView rejected,
    List<RevisionView> revisions) {
  private static final int SHOWN = 50;

  public ConfigView {
    revisions = List.copyOf(revisions);
  }

  /** A revision and what became of it. */
  public record RevisionView(
      String revision,
      String source,
      String author,
      String message,
      Instant committedAt,
      Instant decidedAt,
      boolean accepted,
      int problems) {
    static RevisionView of(Decided decided) {
      return new RevisionView(
          decided.revision().id(),
          decided.revision().source(),
          decided.revision().author(),
          decided.revision().message(),
          decided.revision().committedAt(),
          decided.at(),
          decided.accepted(),
          decided.problems().size());
    }
  }

  static ConfigView read(Read read, String source) {
    return new ConfigView(
        source,
        RevisionStore.inForce(read).map(RevisionView::of).orElse(null),
        RevisionStore.rejectedHead(read).map(RejectedView::of).orElse(null),
        RevisionStore.newest(read, SHOWN).stream().map(RevisionView::of).toList());
  }
}
