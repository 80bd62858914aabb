package dev.muster.status.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class ChangesTest {
  private final Changes changes = new Changes();

  @Test
  void tellsWhatCameShortlyAfterOneAnotherOnce() throws Exception {
    try (Changes.Listener listener = changes.listen().orElseThrow()) {
      changes.changed();
      changes.changed();
      assertThat(listener.await(Duration.ofSeconds(5))).isEqualTo(Changes.Woken.CHANGED);
      assertThat(listener.await(Duration.ofMillis(1))).isEqualTo(Changes.Woken.NOTHING);
    }
  }

  @Test
  void tellsOfNothingThatWasBeforeTheListenerCame() throws Exception {
    changes.changed();
    try (Changes.Listener listener = changes.listen().orElseThrow()) {
      assertThat(listener.await(Duration.ofMillis(1))).isEqualTo(Changes.Woken.NOTHING);
    }
  }

  @Test
  void refusesMoreListenersThanItHoldsUntilOneLeaves() {
    List<Changes.Listener> listeners = new ArrayList<>();
    IntStream.range(0, Changes.MOST_LISTENERS)
        .forEach(i -> listeners.add(changes.listen().orElseThrow()));
    assertThat(changes.listen().map(listener -> "let in")).isEqualTo(Optional.empty());
    listeners.getFirst().close();
    assertThat(changes.listen()).isPresent();
  }

  @Test
  void letsEverybodyGoWhenItCloses() throws Exception {
    try (Changes.Listener listener = changes.listen().orElseThrow()) {
      changes.close();
      assertThat(listener.await(Duration.ofSeconds(5))).isEqualTo(Changes.Woken.CLOSED);
    }
    assertThat(changes.listen()).isEmpty();
  }
}
