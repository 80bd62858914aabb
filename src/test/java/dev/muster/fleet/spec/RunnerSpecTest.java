package dev.muster.fleet.spec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.config.Configs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RunnerSpecTest {
  private static RunnerSpec spec(String text) {
    return Configs.accepted(Configs.load("version: \"1\"\nrunners:\n  - " + text + "\n"))
        .get(FleetSpec.class)
        .runners()
        .getFirst();
  }

  @Test
  void hashStaysWhatItIsFromVersionToVersion() {
    // Another would replace every runner of every appliance that is updated.
    assertThat(spec("{ name: small, cpu: 2 }").hash()).isEqualTo("4766d6ae457b92d7");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{ name: small, cpu: 4 }",
        "{ name: small, cpu: 2, ram: 8 }",
        "{ name: small, cpu: 2, arch: arm64 }",
        "{ name: small, cpu: 2, os: windows }",
        "{ name: small, cpu: 2, disk: 100 }",
        "{ name: small, cpu: 2, spot: false }",
        "{ name: small, cpu: 2, families: [m7i] }",
        "{ name: small, cpu: 2, private: true }",
        "{ name: small, cpu: 2, max_runtime: 1h }",
        "{ name: small, cpu: 2, instance_metadata: true }"
      })
  void whatChangesTheInstanceChangesTheHash(String other) {
    RunnerSpec small = spec("{ name: small, cpu: 2 }");
    assertThat(spec(other).sameInstance(small)).isFalse();
    assertThat(spec(other).hash()).isNotEqualTo(small.hash());
  }

  @ParameterizedTest
  @ValueSource(strings = {"{ name: other, cpu: 2 }", "{ name: small, cpu: 2, labels: [extra] }"})
  void nameAndLabelsDoNotMatter(String other) {
    RunnerSpec small = spec("{ name: small, cpu: 2 }");
    assertThat(spec(other).sameInstance(small)).isTrue();
    assertThat(spec(other).hash()).isEqualTo(small.hash());
  }
}
