package dev.muster.fleet.compute.ec2;

import dev.muster.fleet.compute.InterruptionListener;
import dev.muster.fleet.spec.Provider;
import dev.muster.kernel.aws.QueueListener;
import dev.muster.kernel.aws.QueueListener.Verdict;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.util.List;
import java.util.function.Supplier;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sqs.SqsClient;
import software.amazon.awssdk.services.sqs.model.Message;

/**
 * Takes EventBridge's messages about spot machines from one queue. A message is deleted when what
 * it says is on disk, so that one which is lost on the way comes again; what cannot be read is
 * counted and deleted, or it would come for ever. Built where the settings name a queue.
 */
public final class InterruptionQueue implements AutoCloseable {
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
  private final InterruptionListener listener;
  private final Observer observer;
  private final QueueListener queue;
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
    this.listener = listener;
    this.observer = observer;
    this.queue = new QueueListener("interruption queue", url, clients, this::heed);
  }

  /** Begins to wait for messages. */
  public void start() {
    queue.start();
  }

  /**
   * Waits for messages and sees to those that come.
   *
   * @throws SdkException when the queue cannot be asked
   */
  void take(SqsClient client) {
    queue.take(client);
  }

  private List<Verdict> heed(List<Message> messages) {
    return messages.stream()
        .map(message -> {
          observer.received(region, heed(message));
          return Verdict.DONE;
        })
        .toList();
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
    return queue.ended();
  }

  @Override
  public void close() {
    queue.close();
  }
}
