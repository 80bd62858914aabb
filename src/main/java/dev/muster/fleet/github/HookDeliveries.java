package dev.muster.fleet.github;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The App's webhook deliveries as GitHub recorded them, failed ones too: GitHub does not send those
 * again by itself. GitHub keeps them for three days.
 */
public final class HookDeliveries {
  private static final int MOST_PAGES = 100;

  private final GitHubClient client;

  public HookDeliveries(GitHubClient client) {
    this.client = client;
  }

  /**
   * One attempt to deliver.
   *
   * @param id GitHub's number, which rises with time
   * @param guid as in {@code X-GitHub-Delivery}; a redelivery has its original's
   * @param arrived whether it was answered with 2xx
   */
  public record Entry(long id, String guid, Instant deliveredAt, String event, boolean arrived) {}

  /**
   * What was delivered.
   *
   * @param payload the same JSON as was sent, not byte for byte: the guid tells whether it is known
   */
  public record Content(String guid, String event, byte[] payload) {}

  /**
   * What was delivered after a cursor, oldest first, so that a caller can move its cursor along.
   *
   * @param cursor the last entry that was seen; without one everything counts
   * @param notBefore how far to look back at most
   */
  public List<Entry> since(OptionalLong cursor, Instant notBefore) {
    List<Entry> found = new ArrayList<>();
    Optional<String> path = Optional.of("/app/hook/deliveries?per_page=" + GitHubClient.PAGE);
    for (int page = 0; path.isPresent() && page < MOST_PAGES; page++) {
      Call call = Call.get(Operation.LIST_DELIVERIES, "the App's", path.get());
      Answer answer = client.asApp(call);
      int before = found.size();
      for (JsonNode node : answer.body()) {
        Entry entry = Answer.read(call, node, HookDeliveries::entry);
        if (cursor.isEmpty() || entry.id() > cursor.getAsLong()) {
          if (!entry.deliveredAt().isBefore(notBefore)) {
            found.add(entry);
          }
        }
      }
      boolean wholePage = found.size() - before == answer.body().size();
      path = wholePage ? answer.next() : Optional.empty();
    }
    Collections.reverse(found);
    return found;
  }

  /** Empty when GitHub no longer has it. */
  public Optional<Content> read(long id) {
    Call call =
        Call.get(Operation.READ_DELIVERY, Long.toString(id), "/app/hook/deliveries/" + id)
            .expecting(404);
    Answer answer = client.asApp(call);
    return answer.status() == 404
        ? Optional.empty()
        : Optional.of(answer.read(call, HookDeliveries::content));
  }

  private static Content content(GitHubJson json) {
    String payload = json.object("request").object("payload").node().toString();
    return new Content(
        json.text("guid"), json.text("event"), payload.getBytes(StandardCharsets.UTF_8));
  }

  private static Entry entry(GitHubJson json) {
    int status = json.node().path("status_code").asInt();
    return new Entry(
        json.positive("id"),
        json.text("guid"),
        json.timeIfAny("delivered_at").orElse(Instant.EPOCH),
        json.text("event"),
        status >= 200 && status < 300);
  }
}
