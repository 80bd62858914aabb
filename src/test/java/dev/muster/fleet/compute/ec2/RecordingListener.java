package dev.muster.fleet.compute.ec2;

import dev.muster.fleet.compute.InterruptionListener;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Knows some machines, and keeps what it is told. */
final class RecordingListener implements InterruptionListener {
  final Set<String> known = new HashSet<>();
  final List<String> told = new ArrayList<>();
  Optional<RuntimeException> error = Optional.empty();
  Runnable atCall = () -> {};

  @Override
  public boolean interrupted(String provider, String instance, Instant at, String reason) {
    return tell("interrupted", provider, instance, at);
  }

  @Override
  public boolean endangered(String provider, String instance, Instant at, String reason) {
    return tell("endangered", provider, instance, at);
  }

  private boolean tell(String what, String provider, String instance, Instant at) {
    atCall.run();
    if (error.isPresent()) {
      throw error.get();
    }
    if (known.contains(instance)) {
      told.add(String.join(" ", what, provider, instance, at.toString()));
    }
    return known.contains(instance);
  }
}
