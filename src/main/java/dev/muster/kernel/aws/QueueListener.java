package dev.muster.kernel.aws;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.MessageSystemAttributeName;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageRequest;

/**
 * Takes messages from one queue of SQS for as long as it is open. What became of a message decides
 * what becomes of it in the queue: one is deleted only when whoever took it says so.
 */
public final class QueueListener implements AutoCloseable {
  /** The longest that SQS holds an empty answer back. */
  public static final Duration POLL = Duration.ofSeconds(20);

  private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);
  private static final Duration CLOSING = Duration.ofSeconds(2);
  private static final Logger log = System.getLogger(QueueListener.class.getName());

  /** What is to become of a message. */
  public enum Verdict {
    /** It is deleted. */
    DONE,
    /** It comes again when its time is over. */
    LATER,
    /** It comes again at once, until the queue gives it up to its dead-letter queue. */
    POISON
  }

  private final String name;
  private final URI url;
  private final Supplier<SqsClient> clients;
  private final Function<List<Message>, List<Verdict>> taker;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;

  /**
   * Starts nothing.
   *
   * @param name for the log, as {@code interruption queue}
   * @param clients asked for one when it is started
   * @param taker sees to messages, and says of each in its order what is to become of it
   */
  public QueueListener(
      String name,
      URI url,
      Supplier<SqsClient> clients,
      Function<List<Message>, List<Verdict>> taker) {
    this.name = name;
    this.url = url;
    this.clients = clients;
    this.taker = taker;
    this.thread = Thread.ofVirtual().name(name.replace(' ', '-')).unstarted(this::run);
  }

  /** Begins to wait for messages. */
  public void start() {
    thread.start();
  }

  private void run() {
    Optional<SqsClient> client = Optional.empty();
    Duration pause = FIRST_PAUSE;
    while (closed.getCount() > 0) {
      try {
        client = Optional.of(client.orElseGet(clients));
        boolean taken = take(client.get());
        if (!taken && closedWithin(pause)) {
          return;
        }
        pause = taken ? FIRST_PAUSE : longer(pause);
      } catch (AbortedException e) {
        return; // it is being closed
      } catch (RuntimeException e) {
        // Of SQS, or of our own disk: either may recover, and the messages wait in the queue.
        log.log(
            Level.WARNING,
            "The {0} {1}: {2}; tried again in {3} s. The appliance needs sqs:ReceiveMessage,"
                + " sqs:DeleteMessage and sqs:ChangeMessageVisibility there",
            name,
            url,
            e.getMessage(),
            pause.toSeconds());
        if (closedWithin(pause)) {
          return;
        }
        pause = longer(pause);
      }
    }
  }

  private static Duration longer(Duration pause) {
    Duration twice = pause.multipliedBy(2);
    return twice.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : twice;
  }

  private boolean closedWithin(Duration pause) {
    try {
      return closed.await(pause.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  /**
   * Waits for messages, at most {@link #POLL}, and sees to those that come.
   *
   * @return false where one must wait for us: to go on at once would use up the tries of all
   * @throws SdkException when the queue cannot be asked
   */
  public boolean take(SqsClient client) {
    List<Message> messages =
        client
            .receiveMessage(
                ReceiveMessageRequest.builder()
                    .queueUrl(url.toString())
                    .maxNumberOfMessages(10)
                    .messageAttributeNames("All")
                    .messageSystemAttributeNames(
                        MessageSystemAttributeName.APPROXIMATE_RECEIVE_COUNT)
                    .waitTimeSeconds(Math.toIntExact(POLL.toSeconds()))
                    .build())
            .messages();
    if (messages.isEmpty()) {
      return true;
    }
    List<Verdict> verdicts = taker.apply(messages);
    for (int i = 0; i < messages.size(); i++) {
      String handle = messages.get(i).receiptHandle();
      switch (verdicts.get(i)) {
        case DONE -> client.deleteMessage(r -> r.queueUrl(url.toString()).receiptHandle(handle));
        case POISON ->
            client.changeMessageVisibility(
                r -> r.queueUrl(url.toString()).receiptHandle(handle).visibilityTimeout(0));
        case LATER -> {}
      }
    }
    return !verdicts.contains(Verdict.LATER);
  }

  /** Whether nothing listens any more, or yet. */
  public boolean ended() {
    return !thread.isAlive();
  }

  @Override
  public void close() {
    closed.countDown();
    thread.interrupt();
    try {
      thread.join(CLOSING);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
