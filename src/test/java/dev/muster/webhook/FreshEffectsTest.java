package dev.muster.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.webhook.DeliveryHandler.Effect;
import dev.muster.webhook.DeliveryStore.Place;
import org.junit.jupiter.api.Test;

class FreshEffectsTest {
  private final FreshEffects fresh = new FreshEffects();

  @Test
  void handsOutEachOnceByItsPlace() {
    fresh.add(new Place(1, 0), effect("first"));
    fresh.add(new Place(1, 1), effect("second"));
    assertThat(fresh.take(new Place(1, 0))).contains(effect("first"));
    assertThat(fresh.take(new Place(1, 0))).isEmpty();
    assertThat(fresh.take(new Place(1, 1))).contains(effect("second"));
  }

  @Test
  void keepsTheOnesBehindAPlaceThatItDoesNotKnow() {
    fresh.add(new Place(1, 0), effect("passed by"));
    fresh.add(new Place(2, 1), effect("behind"));
    assertThat(fresh.take(new Place(2, 0))).isEmpty();
    assertThat(fresh.take(new Place(1, 0))).isEmpty();
    assertThat(fresh.take(new Place(2, 1))).contains(effect("behind"));
  }

  @Test
  void keepsSoManyAndTheOldestOfThem() {
    for (int place = 0; place <= FreshEffects.KEPT; place++) {
      fresh.add(new Place(1, place), effect("kept"));
    }
    assertThat(fresh.take(new Place(1, 0))).isPresent();
    assertThat(fresh.take(new Place(1, FreshEffects.KEPT - 1))).isPresent();
    assertThat(fresh.take(new Place(1, FreshEffects.KEPT))).isEmpty();
  }

  private static Effect effect(String reason) {
    return new Effect.Ignored(reason);
  }
}
