package dev.muster.webhook.aws;

import dev.muster.kernel.aws.QueueListener;
import dev.muster.kernel.aws.QueueListener.Verdict;
import dev.muster.kernel.notice.Notices;
import dev.muster.kernel.store.Priority;
import dev.muster.kernel.store.Writer;
import dev.muster.webhook.QueuedDeliveries;
import dev.muster.webhook.QueuedDeliveries.Outcome;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;

/**
 * Takes GitHub's deliveries from a queue: the body as it was sent, its headers as the message's
 * attributes. A message is deleted only when it is on disk; what is forged, or no delivery, is left
 * to the queue's dead-letter queue and told on the page.
 */
public final class DeliveryQueue implements AutoCloseable {
  /** A queue with a dead-letter queue never lets a message come so often. */
  private static final int NO_DEAD_LETTERS = 50;

  private static final String SOURCE = "github";
  private static final Logger log = System.getLogger(DeliveryQueue.class.getName());

  private final String region;
  private final String name;
  private final QueuedDeliveries deliveries;
  private final Writer writer;
  private final InstantSource clock;
  private final QueueListener queue;

  /**
   * Starts nothing.
   *
   * @param clients asked for one when it is started
   */
  public DeliveryQueue(
      String region,
      URI url,
      Supplier<SqsClient> clients,
      QueuedDeliveries deliveries,
      Writer writer,
      InstantSource clock) {
    this.region = region;
    this.name = url.getPath().substring(url.getPath().lastIndexOf('/') + 1);
    this.deliveries = deliveries;
    this.writer = writer;
    this.clock = clock;
    this.queue = new QueueListener("delivery queue", url, clients, this::take);
  }

  /** Begins to wait for messages. */
  public void start() {
    queue.start();
  }

  /** Waits for messages and sees to those that come. */
  void take(SqsClient client) {
    queue.take(client);
  }

  /** All at a time: they share a commit. */
  private List<Verdict> take(List<Message> messages) {
    List<FutureTask<Verdict>> tasks = new ArrayList<>();
    for (Message message : messages) {
      FutureTask<Verdict> task = new FutureTask<>(() -> take(message));
      tasks.add(task);
      Thread.ofVirtual().name("delivery").start(task);
    }
    return tasks.stream().map(this::verdict).toList();
  }

  private Verdict verdict(FutureTask<Verdict> task) {
    try {
      return task.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Verdict.LATER;
    } catch (ExecutionException e) {
      log.log(Level.ERROR, "A message of the delivery queue " + name + " was not taken", e);
      return Verdict.LATER;
    }
  }

  private Verdict take(Message message) {
    Map<String, String> headers = new HashMap<>();
    message
        .messageAttributes()
        .forEach((key, value) -> {
          if (value.stringValue() != null) {
            headers.put(key.toLowerCase(Locale.ROOT), value.stringValue());
          }
        });
    byte[] body = message.body().getBytes(StandardCharsets.UTF_8);
    return switch (deliveries.take(
        SOURCE, name, key -> Optional.ofNullable(headers.get(key)), body)) {
      case Outcome.Recorded() -> Verdict.DONE;
      case Outcome.NotNow(String reason) -> later(message, reason);
      case Outcome.Refused(String reason) -> poison(message, reason);
    };
  }

  private Verdict later(Message message, String reason) {
    log.log(
        Level.WARNING,
        "Message {0} of the delivery queue {1} waits: {2}",
        message.messageId(),
        name,
        reason);
    return Verdict.LATER;
  }

  private Verdict poison(Message message, String reason) {
    boolean given =
        Integer.parseInt(
                message
                    .attributes()
                    .getOrDefault(MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT, "1"))
            < NO_DEAD_LETTERS;
    String what =
        given
            ? "it goes to the dead-letter queue"
            : "it was deleted, since the queue has no dead-letter queue: give it one";
    writer.run(
        Priority.HOUSEKEEPING,
        tx ->
            Notices.raise(
                tx,
                new Notices.Notice(
                    "delivery-queue-" + region,
                    Notices.Severity.WARNING,
                    clock.instant(),
                    "Message %s of the delivery queue %s is no delivery of GitHub's: %s; %s. See what else sends to the queue, and whether its headers come as attributes"
                        .formatted(message.messageId(), name, reason, what))));
    return given ? Verdict.POISON : Verdict.DONE;
  }

  @Override
  public void close() {
    queue.close();
  }
}
