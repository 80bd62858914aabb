package dev.muster.status.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.status.api.PoolDetail.SegmentView;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Test;

final class DayChartTest {
  private static final Instant NOON = Instant.parse("2026-01-02T12:00:00Z");
  private static final ZoneId ZONE = ZoneId.of("Europe/Berlin");

  @Test
  void placesStretchesByTheirShareOfTheDay() {
    DayChart chart =
        DayChart.of(
            List.of(
                new SegmentView(NOON, NOON.plusSeconds(6 * 3600), "day", 3, 1),
                new SegmentView(NOON.plusSeconds(6 * 3600), NOON.plusSeconds(86_400), null, 0, 0)),
            ZONE);
    assertThat(chart.bars().getFirst())
        .isEqualTo(
            new DayChart.Bar(
                "0.00%",
                "25.00%",
                "25.00%",
                "75.00%",
                "0.00%",
                "25.00%",
                true,
                "day",
                "13:00 to 19:00 day: 3 ready, 1 stopped"));
    assertThat(chart.bars().getLast().readyHeight()).isEqualTo("0.00%");
    assertThat(chart.words()).contains("19:00 to 13:00: 0 ready, 0 stopped");
  }

  @Test
  void marksEveryThirdHourOfTheWallClock() {
    DayChart chart =
        DayChart.of(List.of(new SegmentView(NOON, NOON.plusSeconds(86_400), null, 1, 0)), ZONE);
    assertThat(chart.ticks())
        .extracting(DayChart.Tick::label)
        .containsExactly("15:00", "18:00", "21:00", "00:00", "03:00", "06:00", "09:00", "12:00");
  }
}
