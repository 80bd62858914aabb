package dev.muster.fleet.cost;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.fleet.job.TimelineEntry;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class UsageTest {
  private static final Instant NOW = Instant.parse("2026-03-02T12:00:00Z");

  @Test
  void bootingAndWaitingAreNoJobsAndTheRestIs() {
    assertThat(
            of(
                "2026-03-02T10:00:00Z booting",
                "2026-03-02T10:01:00Z ready",
                "2026-03-02T10:30:00Z assigned",
                "2026-03-02T10:30:05Z busy",
                "2026-03-02T11:00:00Z terminating",
                "2026-03-02T11:00:10Z terminated"))
        .containsExactly("10:00 10:30 idle", "10:30 11:00 job");
  }

  @Test
  void stoppedMachinesRest() {
    assertThat(
            of(
                "2026-03-02T10:00:00Z booting",
                "2026-03-02T10:05:00Z stopping",
                "2026-03-02T10:06:00Z stopped",
                "2026-03-02T11:00:00Z starting",
                "2026-03-02T11:01:00Z ready"))
        .containsExactly("10:00 10:05 idle", "11:00 12:00 idle");
  }

  @Test
  void midnightInUtcParts() {
    List<Usage.Span> spans = usage(Instant.EPOCH, "2026-03-01T23:00:00Z booting");
    assertThat(spans).extracting(Usage.Span::seconds).containsExactly(3_600L, 43_200L);
    assertThat(spans)
        .extracting(span -> span.day().toString())
        .containsExactly("2026-03-01", "2026-03-02");
  }

  @Test
  void whatWasAccountedForIsNotAgain() {
    Instant until = Instant.parse("2026-03-02T11:30:00Z");
    assertThat(usage(until, "2026-03-02T10:00:00Z booting"))
        .extracting(Usage.Span::seconds)
        .containsExactly(1_800L);
    assertThat(usage(until, "2026-03-02T10:00:00Z booting", "2026-03-02T11:00:00Z terminating"))
        .isEmpty();
  }

  @Test
  void machineThatWasNeverMadeCostsNothing() {
    assertThat(of("2026-03-02T10:00:00Z terminated")).isEmpty();
  }

  private static List<String> of(String... lines) {
    return usage(Instant.EPOCH, lines).stream()
        .map(span ->
            span.from().toString().substring(11, 16)
                + " "
                + span.to().toString().substring(11, 16)
                + (span.job() ? " job" : " idle"))
        .toList();
  }

  private static List<Usage.Span> usage(Instant from, String... lines) {
    return Usage.of(
        Stream.of(lines)
            .map(line -> line.split(" "))
            .map(parts -> new TimelineEntry(Instant.parse(parts[0]), parts[1], ""))
            .toList(),
        from,
        NOW);
  }
}
