package dev.muster.status.page;

import dev.muster.status.api.PoolDetail;
import dev.muster.status.api.PoolSummary;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A pool as lists show it.
 *
 * @param chart of its next day, null where its schedule wants nothing of it
 */
record PoolRow(PoolSummary pool, @Nullable DayChart chart) {
  static PoolRow of(PoolSummary pool, List<PoolDetail.SegmentView> day, @Nullable String zone) {
    boolean flat = day.stream().allMatch(s -> s.desiredRunning() == 0 && s.desiredStopped() == 0);
    return new PoolRow(pool, flat || zone == null ? null : DayChart.of(day, ZoneId.of(zone)));
  }

  String href() {
    return href(pool.name());
  }

  static String href(String pool) {
    return "/pools/" + URLEncoder.encode(pool, StandardCharsets.UTF_8).replace("+", "%20");
  }

  String readyTone() {
    return pool.idle() < pool.desiredRunning() ? "wait" : "calm";
  }

  String stoppedTone() {
    return pool.stopped() < pool.desiredStopped() ? "wait" : "calm";
  }

  boolean held() {
    return pool.paused() != null;
  }
}
