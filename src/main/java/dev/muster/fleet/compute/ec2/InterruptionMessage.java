package dev.muster.fleet.compute.ec2;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;

/**
 * What EventBridge sends about spot machines.
 *
 * @see <a
 *     href="https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html">EC2:
 *     spot instance interruption notices</a>
 */
sealed interface InterruptionMessage {
  /**
   * A machine will be gone in two minutes.
   *
   * @param action {@code terminate}, {@code stop} or {@code hibernate}
   */
  record Warning(String instance, Instant at, String action) implements InterruptionMessage {}

  /** A machine is likelier than others to go. */
  record Rebalance(String instance, Instant at) implements InterruptionMessage {}

  /** Another event, which the queue's rule need not send. */
  record Other(String type) implements InterruptionMessage {}

  /** No event at all. */
  record Malformed(String reason) implements InterruptionMessage {}

  /** Never throws. */
  static InterruptionMessage read(String body) {
    try {
      return Reader.read(Reader.JSON.readTree(body));
    } catch (JsonProcessingException e) {
      return new Malformed("it is not JSON");
    } catch (Reader.Unreadable e) {
      return new Malformed(e.reason);
    }
  }

  /** Reads field by field. */
  final class Reader {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Reader() {}

    private static InterruptionMessage read(JsonNode event) {
      String type = text(event, "detail-type");
      JsonNode detail = event.path("detail");
      return switch (type) {
        case "EC2 Spot Instance Interruption Warning" ->
            new Warning(
                instance(detail), time(event), detail.path("instance-action").asText("terminate"));
        case "EC2 Instance Rebalance Recommendation" ->
            new Rebalance(instance(detail), time(event));
        default -> new Other(type);
      };
    }

    private static String instance(JsonNode detail) {
      String id = text(detail, "instance-id");
      if (!id.matches("i-[0-9a-f]{8,32}")) {
        throw new Unreadable("detail.instance-id is no instance's id");
      }
      return id;
    }

    private static Instant time(JsonNode event) {
      try {
        return OffsetDateTime.parse(text(event, "time")).toInstant();
      } catch (DateTimeException e) {
        throw new Unreadable("time is no time");
      }
    }

    private static String text(JsonNode node, String field) {
      if (!node.path(field).isTextual()) {
        throw new Unreadable(field + " is missing");
      }
      return node.path(field).textValue();
    }

    private static final class Unreadable extends RuntimeException {
      private static final long serialVersionUID = 1L;
      private final String reason;

      Unreadable(String reason) {
        super(reason, null, false, false);
        this.reason = reason;
      }
    }
  }
}
