package dev.muster.status.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.status.api.PhaseView;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class WaterfallTest {
  private static final Instant BEGIN = Instant.parse("2026-03-01T12:00:00Z");

  @Test
  void placesBarsInPercentOfTheWhole() {
    Waterfall fall =
        Waterfall.of(List.of(phase("waiting", 0, 10.0, true), phase("running", 10, 30.0, true)));
    assertThat(fall.total()).isEqualTo("40 s");
    assertThat(fall.rows()).extracting(Waterfall.Row::x).containsExactly("0.00%", "25.00%");
    assertThat(fall.rows()).extracting(Waterfall.Row::width).containsExactly("25.00%", "75.00%");
    assertThat(fall.rows()).extracting(Waterfall.Row::after).containsExactly("0 ms", "10 s");
    assertThat(fall.rows()).noneMatch(Waterfall.Row::lasts);
  }

  @Test
  void whatIsShortIsSeenAndWhatLastsIsSaid() {
    Waterfall fall =
        Waterfall.of(
            List.of(phase("running", 0, 3_600.0, true), phase("ending", 3_600, 0.0, false)));
    assertThat(fall.rows().getLast().width()).isEqualTo("0.60%");
    assertThat(fall.rows().getLast().x()).isEqualTo("99.40%");
    assertThat(fall.rows().getLast().lasts()).isTrue();
  }

  @Test
  void nothingIsNoTime() {
    assertThat(Waterfall.of(List.of()).rows()).isEmpty();
    assertThat(Waterfall.of(List.of(phase("queued", 0, 0.0, true))).rows()).hasSize(1);
  }

  private static PhaseView phase(String kind, int from, double seconds, boolean ended) {
    Instant begin = BEGIN.plusSeconds(from);
    @Nullable Instant end = ended ? begin.plusMillis((long) (seconds * 1_000)) : null;
    return new PhaseView(kind, kind, begin, end, seconds, "");
  }
}
