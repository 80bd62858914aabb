package dev.muster.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.webhook.DeliveryHandler.Effect;
import dev.muster.webhook.DeliveryStore.Place;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FreshEffectsTest {
  private final FreshEffects fresh = new FreshEffects();

  @Test
  void handsOutEachOnceByItsPlace() {
    fresh.add(new Place(1, 0), effect("first"), 10);
    fresh.add(new Place(1, 1), effect("second"), 10);
    assertThat(fresh.take(new Place(1, 0))).isEqualTo(effect("first"));
    assertThat(fresh.take(new Place(1, 0))).isEmpty();
    assertThat(fresh.take(new Place(1, 1))).isEqualTo(effect("second"));
  }

  @Test
  void keepsTheOnesBehindAPlaceThatItDoesNotKnow() {
    fresh.add(new Place(1, 0), effect("passed by"), 10);
    fresh.add(new Place(2, 1), effect("behind"), 10);
    assertThat(fresh.take(new Place(2, 0))).isEmpty();
    assertThat(fresh.take(new Place(1, 0))).isEmpty();
    assertThat(fresh.take(new Place(2, 1))).isEqualTo(effect("behind"));
  }

  @Test
  void keepsTheOldestOfSoManyBytesAndHasRoomAgainWhenTheyAreTaken() {
    int half = FreshEffects.KEPT / 2;
    fresh.add(new Place(1, 0), effect("first"), half);
    fresh.add(new Place(1, 1), effect("second"), half);
    fresh.add(new Place(1, 2), effect("too much"), 1);
    assertThat(fresh.take(new Place(1, 0))).isEqualTo(effect("first"));
    fresh.add(new Place(1, 3), effect("has room"), half);
    assertThat(fresh.take(new Place(1, 1))).isEqualTo(effect("second"));
    assertThat(fresh.take(new Place(1, 2))).isEmpty();
    assertThat(fresh.take(new Place(1, 3))).isEqualTo(effect("has room"));
  }

  @Test
  void aPlaceThatIsGivenAgainIsTheLastOnes() {
    fresh.add(new Place(1, 0), effect("stays"), 10);
    fresh.add(new Place(1, 1), effect("failed"), FreshEffects.KEPT - 20);
    fresh.add(new Place(1, 2), effect("failed with it"), 10);
    fresh.add(new Place(1, 1), effect("came next"), FreshEffects.KEPT - 20);
    assertThat(fresh.take(new Place(1, 0))).isEqualTo(effect("stays"));
    assertThat(fresh.take(new Place(1, 1))).isEqualTo(effect("came next"));
    assertThat(fresh.take(new Place(1, 2))).isEmpty();
    fresh.add(new Place(2, 0), effect("failed too"), 10);
    fresh.add(new Place(2, 0), Optional.empty(), 10);
    assertThat(fresh.take(new Place(2, 0))).isEmpty();
  }

  private static Optional<Effect> effect(String reason) {
    return Optional.of(new Effect.Ignored(reason));
  }
}
