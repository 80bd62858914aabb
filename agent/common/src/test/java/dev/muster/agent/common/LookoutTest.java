package dev.muster.agent.common;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LookoutTest {
  private static final long GIB = 1024L * 1024 * 1024;

  @TempDir private Path folder;
  private FakeImds imds;

  @BeforeEach
  void serve() throws IOException {
    imds = new FakeImds();
  }

  @AfterEach
  void stop() {
    imds.close();
  }

  @Test
  void interruptionIsSeenOnceWithItsTime() throws IOException {
    SpotNotices notices = new SpotNotices(new Imds(imds.url()));
    assertThat(notices.look()).isEmpty();
    imds.put(SpotNotices.ACTION, "{\"action\": \"stop\", \"time\": \"2026-03-01T10:02:00Z\"}");

    assertThat(notices.look())
        .containsExactly(new Notice.Interruption("stop", Instant.parse("2026-03-01T10:02:00Z")));
    assertThat(notices.look()).isEmpty();
  }

  @Test
  void rebalanceRecommendationIsOnlyTold() throws IOException {
    SpotNotices notices = new SpotNotices(new Imds(imds.url()));
    imds.put(SpotNotices.REBALANCE, "{\"noticeTime\": \"2026-03-01T10:00:00Z\"}");

    assertThat(notices.look())
        .singleElement()
        .isInstanceOf(Notice.Remark.class)
        .extracting(Notice::text)
        .asString()
        .contains("rebalance recommended since 2026-03-01T10:00:00Z");
    assertThat(notices.look()).isEmpty();
  }

  @Test
  void oneTokenServesUntilItIsUnknown() throws IOException {
    SpotNotices notices = new SpotNotices(new Imds(imds.url()));
    notices.look();
    notices.look();
    assertThat(imds.asked).filteredOn(line -> line.startsWith("PUT")).hasSize(1);

    imds.forgetTokens();
    notices.look();

    assertThat(imds.asked).filteredOn(line -> line.startsWith("PUT")).hasSize(2);
  }

  @Test
  void timeThatIsNoneIsSaidAndLookedAtAgain() throws IOException {
    SpotNotices notices = new SpotNotices(new Imds(imds.url()));
    imds.put(SpotNotices.ACTION, "{\"action\": \"terminate\"}");
    assertThatIOException().isThrownBy(notices::look).withMessageContaining(SpotNotices.ACTION);

    imds.put(SpotNotices.ACTION, "{\"action\": \"terminate\", \"time\": \"2026-03-01T10:02:00Z\"}");

    assertThat(notices.look()).hasSize(1);
  }

  @Test
  void watchGoesOnWhenOneCannotBeSeenAndSaysItOnce() {
    List<String> log = new ArrayList<>();
    List<Notice> seen = new ArrayList<>();
    Lookout blind =
        () -> {
          throw new IOException("nobody answers");
        };
    Lookout clear = () -> List.of(new Notice.Remark("a remark"));
    try (MachineWatch watch =
        new MachineWatch(List.of(blind, clear), seen::add, Duration.ofHours(1), log::add)) {
      watch.look();
      watch.look();
    }
    assertThat(seen).hasSize(2);
    assertThat(log).containsExactly("watch: nobody answers");
  }

  @Test
  void littleDiskIsSaidOnceAndNoneOnceMore() throws IOException {
    long[] free = {50 * GIB};
    DiskWatch watch = new DiskWatch(folder, () -> new DiskWatch.Space(free[0], 100 * GIB));
    assertThat(watch.look()).isEmpty();

    free[0] = 4 * GIB;
    assertThat(watch.look())
        .singleElement()
        .extracting(Notice::text)
        .asString()
        .startsWith("disk nearly full: 4096 of 102400 MiB left");
    free[0] = 3 * GIB;
    assertThat(watch.look()).isEmpty();
    free[0] = 1024;
    assertThat(watch.look())
        .singleElement()
        .extracting(Notice::text)
        .asString()
        .startsWith("disk full: 0 of");
    assertThat(watch.look()).isEmpty();
  }

  @Test
  void smallDisksHaveLittleBelowOneGibibyte() {
    assertThat(new DiskWatch.Space(GIB - 1, 8 * GIB).nearlyFull()).isTrue();
    assertThat(new DiskWatch.Space(GIB, 8 * GIB).nearlyFull()).isFalse();
    assertThat(new DiskWatch.Space(5 * GIB, 100 * GIB).nearlyFull()).isFalse();
  }

  @Test
  void thisMachinesDiskIsMeasured() throws IOException {
    DiskWatch.Space space = DiskWatch.Disk.of(folder).space();
    assertThat(space.total()).isPositive();
    assertThat(space.free()).isBetween(0L, space.total());
  }
}
