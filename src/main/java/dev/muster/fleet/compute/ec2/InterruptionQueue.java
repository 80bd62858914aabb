package dev.muster.fleet.compute.ec2;

import dev.muster.fleet.compute.InterruptionListener;
import dev.muster.fleet.spec.Provider;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;
import software.amazon.awssdk.services.sqs.model.ReceiveMessageRequest;

/**
 * Takes EventBridge's messages about spot machines from one queue. A message is deleted when what
 * it says is on disk, so that one which is lost on the way comes again; what cannot be read is
 * counted and deleted, or it would come for ever. Built where the settings name a queue.
 */
public final class InterruptionQueue implements AutoCloseable {
  /** The longest that SQS holds an empty answer back. */
  static final Duration POLL = Duration.ofSeconds(20);

  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);
  private static final Duration CLOSING = Duration.ofSeconds(2);
  private static final Logger log = System.getLogger(InterruptionQueue.class.getName());

  /** What became of a message. */
  public enum Outcome {
    INTERRUPTED,
    ENDANGERED,
    /** It is of a machine that is not ours, as others of the account are. */
    UNKNOWN_MACHINE,
    /** Another event than the queue is for. */
    OTHER,
    MALFORMED
  }

  /** Sees each message: for metrics. */
  public interface Observer {
    void received(String region, Outcome outcome);
  }

  private final String region;
  private final URI url;
  private final Supplier<SqsClient> clients;
  private final InterruptionListener listener;
  private final Observer observer;
  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread thread;
  private boolean malformedSaid;

  /**
   * Starts nothing.
   *
   * @param clients asked for one when it is started
   */
  public InterruptionQueue(
      String region,
      URI url,
      Supplier<SqsClient> clients,
      InterruptionListener listener,
      Observer observer) {
    this.region = region;
    this.url = url;
    this.clients = clients;
    this.listener = listener;
    this.observer = observer;
    this.thread = Thread.ofVirtual().name("interruptions-" + region).unstarted(this::run);
  }

  /** Begins to wait for messages. */
  public void start() {
    thread.start();
  }

  private void run() {
    Optional<SqsClient> client = Optional.empty();
    Duration pause = Duration.ofSeconds(1);
    while (closed.getCount() > 0) {
      try {
        client = Optional.of(client.orElseGet(clients));
        take(client.get());
        pause = Duration.ofSeconds(1);
      } catch (AbortedException e) {
        return; // it is being closed
      } catch (RuntimeException e) {
        // Of SQS, or of our own disk: either may recover, and the messages wait in the queue.
        log.log(
            Level.WARNING,
            "Interruption queue {0}: {1}; tried again in {2} s. The appliance needs"
                + " sqs:ReceiveMessage and sqs:DeleteMessage there",
            url,
            e.getMessage(),
            pause.toSeconds());
        if (closedWithin(pause)) {
          return;
        }
        pause = pause.multipliedBy(2);
        pause = pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
      }
    }
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
   * @throws SdkException when the queue cannot be asked
   */
  void take(SqsClient client) {
    List<Message> messages =
        client
            .receiveMessage(
                ReceiveMessageRequest.builder()
                    .queueUrl(url.toString())
                    .maxNumberOfMessages(10)
                    .waitTimeSeconds(Math.toIntExact(POLL.toSeconds()))
                    .build())
            .messages();
    for (Message message : messages) {
      observer.received(region, heed(message));
      client.deleteMessage(
          request -> request.queueUrl(url.toString()).receiptHandle(message.receiptHandle()));
    }
  }

  private Outcome heed(Message message) {
    return switch (InterruptionMessage.read(message.body())) {
      case InterruptionMessage.Warning warning ->
          known(
              listener.interrupted(
                  Provider.EC2.word(),
                  warning.instance(),
                  warning.at(),
                  "EC2 takes the spot machine back (" + warning.action() + ")"),
              Outcome.INTERRUPTED);
      case InterruptionMessage.Rebalance rebalance ->
          known(
              listener.endangered(
                  Provider.EC2.word(),
                  rebalance.instance(),
                  rebalance.at(),
                  "EC2 recommends to leave the spot machine: it is likelier than others to go"),
              Outcome.ENDANGERED);
      case InterruptionMessage.Other other -> Outcome.OTHER;
      case InterruptionMessage.Malformed(String reason) -> malformed(message, reason);
    };
  }

  private static Outcome known(boolean machine, Outcome outcome) {
    return machine ? outcome : Outcome.UNKNOWN_MACHINE;
  }

  /** Said once: whoever writes such messages may write many. */
  private Outcome malformed(Message message, String reason) {
    log.log(
        malformedSaid ? Level.DEBUG : Level.WARNING,
        "Interruption queue {0}: message {1} is no event of EventBridge and was deleted: {2};"
            + " see what else sends to the queue. Others are only counted",
        url,
        message.messageId(),
        reason);
    malformedSaid = true;
    return Outcome.MALFORMED;
  }

  /** Whether nothing listens any more, or yet. */
  boolean ended() {
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
