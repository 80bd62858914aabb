package dev.muster.fleet.spec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.config.Configs;
import dev.muster.config.Snapshot;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The key by which jobs reach the instance metadata, which they else do not. */
class InstanceMetadataTest {
  private static Snapshot config(String more) {
    return Configs.accepted(
        Configs.load("version: \"1\"\nrunners:\n  - { name: small, cpu: 2%s }\n".formatted(more)));
  }

  private static RunnerSpec small(Snapshot config) {
    return config.get(FleetSpec.class).runner("small").orElseThrow();
  }

  @Test
  void jobsAreKeptFromItUnlessTheSpecSaysOtherwise() {
    assertThat(small(config("")).instanceMetadata()).isFalse();
    assertThat(small(config(", instance_metadata: true")).instanceMetadata()).isTrue();
  }

  @Test
  void machinesAreMadeAnewWhenItChangesAndOnlyThen() {
    RunnerSpec kept = small(config(""));
    assertThat(small(config(", instance_metadata: false")).hash()).isEqualTo(kept.hash());
    assertThat(small(config(", instance_metadata: true")).hash()).isNotEqualTo(kept.hash());
  }

  @Test
  void planSaysWhoReachesIt() {
    Snapshot kept = config("");
    Snapshot reached = config(", instance_metadata: true");
    FleetChanges changes = new FleetChanges();
    assertThat(changes.lines(Optional.of(kept), reached))
        .containsExactly(
            "~ runner small: its jobs reach the instance metadata, its machines change; idle ones"
                + " are replaced");
    assertThat(changes.lines(Optional.of(reached), kept).getFirst())
        .contains("its jobs no longer reach the instance metadata");
    assertThat(changes.lines(Optional.empty(), reached).getFirst())
        .isEqualTo("+ runner small: ec2 linux amd64, jobs reach the instance metadata");
  }
}
