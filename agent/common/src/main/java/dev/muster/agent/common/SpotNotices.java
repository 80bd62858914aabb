package dev.muster.agent.common;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * EC2's notices that this machine goes, or may go soon. An interruption is certain and about two
 * minutes ahead; a rebalance recommendation is a raised risk, and only told.
 */
final class SpotNotices implements Lookout {
  static final String ACTION = "/latest/meta-data/spot/instance-action";
  static final String REBALANCE = "/latest/meta-data/events/recommendations/rebalance";

  private final InstanceMetadata metadata;
  private boolean interrupted;
  private boolean recommended;

  SpotNotices(InstanceMetadata metadata) {
    this.metadata = metadata;
  }

  @Override
  public List<Notice> look() throws IOException {
    List<Notice> seen = new ArrayList<>();
    if (!interrupted) {
      Optional<Map<String, Object>> action = object(ACTION);
      if (action.isPresent()) {
        String what = String.valueOf(action.get().getOrDefault("action", "terminate"));
        seen.add(new Notice.Interruption(what, time(ACTION, action.get().get("time"))));
        interrupted = true;
      }
    }
    if (!recommended) {
      Optional<Map<String, Object>> rebalance = object(REBALANCE);
      if (rebalance.isPresent()) {
        Object since = rebalance.get().get("noticeTime");
        seen.add(
            new Notice.Remark(
                "rebalance recommended since %s: an interruption is more likely than usual"
                    .formatted(since)));
        recommended = true;
      }
    }
    return seen;
  }

  private Optional<Map<String, Object>> object(String path) throws IOException {
    Optional<String> text = metadata.read(path);
    return text.isEmpty() ? Optional.empty() : Optional.of(JSON.std.mapFrom(text.get()));
  }

  private static Instant time(String path, @Nullable Object value) throws IOException {
    try {
      return Instant.parse(String.valueOf(value));
    } catch (DateTimeException e) {
      throw new IOException("%s names '%s', which is no time".formatted(path, value), e);
    }
  }
}
