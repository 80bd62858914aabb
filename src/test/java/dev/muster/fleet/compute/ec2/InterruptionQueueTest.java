package dev.muster.fleet.compute.ec2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.muster.fleet.compute.ec2.InterruptionQueue.Outcome;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class InterruptionQueueTest {
  private static final String MACHINE = "i-0123456789abcdef0";

  private final FakeSqs sqs = new FakeSqs();
  private final RecordingListener listener = new RecordingListener();
  private final List<Outcome> outcomes = new ArrayList<>();
  private final InterruptionQueue queue =
      new InterruptionQueue(
          "us-east-2",
          URI.create("https://sqs.us-east-2.amazonaws.com/1/muster"),
          () -> sqs,
          listener,
          (region, outcome) -> outcomes.add(outcome));

  @Test
  void warningIsHeededBeforeItIsDeleted() {
    listener.known.add(MACHINE);
    listener.atCall = () -> assertThat(sqs.messages).as("not before it is on disk").hasSize(1);
    sqs.send(Events.warning(MACHINE));
    queue.take(sqs);
    assertThat(listener.told).containsExactly("interrupted ec2 " + MACHINE + " " + Events.AT);
    assertThat(sqs.messages).isEmpty();
    assertThat(outcomes).containsExactly(Outcome.INTERRUPTED);
    assertThat(sqs.waitSeconds).isEqualTo(20);
  }

  @Test
  void messageStaysWhereItCouldNotBeStored() {
    listener.known.add(MACHINE);
    listener.error = Optional.of(new IllegalStateException("the disk is full"));
    sqs.send(Events.warning(MACHINE));
    assertThatThrownBy(() -> queue.take(sqs)).hasMessageContaining("disk is full");
    assertThat(sqs.messages).hasSize(1);
    listener.error = Optional.empty();
    queue.take(sqs);
    assertThat(sqs.messages).isEmpty();
    assertThat(listener.told).hasSize(1);
  }

  @Test
  void recommendationIsOnlyNoted() {
    listener.known.add(MACHINE);
    sqs.send(Events.rebalance(MACHINE));
    queue.take(sqs);
    assertThat(listener.told).containsExactly("endangered ec2 " + MACHINE + " " + Events.AT);
    assertThat(outcomes).containsExactly(Outcome.ENDANGERED);
  }

  @Test
  void machinesOfOthersAndOtherEventsAreCountedAndDeleted() {
    sqs.send(Events.warning(MACHINE));
    sqs.send(Events.event("EC2 Instance State-change Notification", "\"state\": \"running\""));
    queue.take(sqs);
    assertThat(outcomes).containsExactly(Outcome.UNKNOWN_MACHINE, Outcome.OTHER);
    assertThat(sqs.messages).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "hello",
        "[]",
        "{}",
        "{\"detail-type\": 7}",
        "{\"detail-type\": \"EC2 Spot Instance Interruption Warning\"}",
        "{\"detail-type\": \"EC2 Spot Instance Interruption Warning\", \"time\": \"noon\","
            + " \"detail\": {\"instance-id\": \"i-0123456789abcdef0\"}}",
        "{\"detail-type\": \"EC2 Instance Rebalance Recommendation\","
            + " \"time\": \"2026-03-01T12:00:00Z\", \"detail\": {\"instance-id\": \"../x\"}}"
      })
  void whatIsNoEventIsCountedAndDeleted(String body) {
    sqs.send(body);
    sqs.send(Events.warning(MACHINE));
    queue.take(sqs);
    assertThat(outcomes).containsExactly(Outcome.MALFORMED, Outcome.UNKNOWN_MACHINE);
    assertThat(sqs.messages).isEmpty();
  }

  @Test
  @Timeout(value = 20, unit = TimeUnit.SECONDS)
  void closingEndsTheWait() throws InterruptedException {
    queue.start();
    sqs.waiting.await();
    queue.close();
    assertThat(queue.ended()).isTrue();
  }
}
