package dev.muster.fleet.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.fleet.spec.Arch;
import dev.muster.fleet.spec.Os;
import dev.muster.fleet.spec.Range;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LabelsTest {
  @Test
  void everyKeyIsRead() {
    LabelRequest all =
        marked(
            "runs-fleet=42/runner=big/cpu=4+16/ram=8+32/family=c7g+m7g/arch=arm64/os=linux/gen=7"
                + "/disk=100/image=ubuntu/pool=default/spot=false/region=eu-west-1/env=dev"
                + "/private=true/max-runtime=6h");
    assertThat(all.runner()).contains("big");
    assertThat(all.cpu()).contains(new Range(4, 16));
    assertThat(all.ram()).contains(new Range(8, 32));
    assertThat(all.families()).containsExactly("c7g", "m7g");
    assertThat(all.arch()).contains(Arch.ARM64);
    assertThat(all.os()).contains(Os.LINUX);
    assertThat(all.generation()).hasValue(7);
    assertThat(all.disk()).hasValue(100);
    assertThat(all.image()).contains("ubuntu");
    assertThat(all.pool()).contains("default");
    assertThat(all.spot()).contains(false);
    assertThat(all.region()).contains("eu-west-1");
    assertThat(all.environment()).contains("dev");
    assertThat(all.privateSubnet()).contains(true);
    assertThat(all.maxRuntime()).contains(Duration.ofHours(6));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "muster/runner=big",
        "muster=1/runner=big",
        "runs-fleet/runner=big",
        "runs-fleet=123/runner=big",
        "Muster=1/Runner=big"
      })
  void markerIsEitherWordWithOrWithoutARun(String label) {
    assertThat(marked(label).runner()).contains("big");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ubuntu-latest", "musterer/cpu=4", "runs-fleets=1", "x/muster=1", ""})
  void otherWordsAreNoMarker(String label) {
    assertThat(Labels.read(List.of(label))).isInstanceOf(Labels.Reading.Unmarked.class);
  }

  @Test
  void loneNumbersAreOpenRanges() {
    assertThat(marked("muster/cpu=4").cpu()).contains(new Range(4, 8));
    assertThat(marked("muster/cpu=1024").cpu()).contains(new Range(1_024, 1_024));
    Range ram = marked("muster/ram=8").ram().orElseThrow();
    assertThat(ram.min()).isEqualTo(8);
    assertThat(ram.max()).isGreaterThanOrEqualTo(4_096);
  }

  @ParameterizedTest
  @CsvSource({"90s,PT90S", "30m,PT30M", "6h,PT6H", "2d,PT48H"})
  void runtimesHaveUnits(String text, Duration duration) {
    assertThat(marked("muster/max-runtime=" + text).maxRuntime()).contains(duration);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cpu=0",
        "cpu=8+4",
        "cpu=4+",
        "cpu=+4",
        "cpu=1+2+3",
        "cpu=four",
        "cpu=99999999999",
        "ram=-1",
        "ram=1e3",
        "disk=0",
        "gen=-7",
        "arch=sparc",
        "os=plan9",
        "spot=maybe",
        "private=1",
        "max-runtime=0h",
        "max-runtime=6",
        "max-runtime=99d",
        "family=+",
        "family=c7g+",
        "family=+c7g",
        "region=a/b=c",
        "region=../etc",
        "colour=red",
        "cpu",
        "=4",
        "cpu=",
        "",
        "cpu=4/cpu=8"
      })
  void badValuesAreRefusedByName(String pairs) {
    String reason = reason(List.of("muster=1/" + pairs));
    assertThat(reason).isNotBlank().hasSizeLessThan(1_000).matches("[^\\p{Cntrl}]+");
  }

  @Test
  void reasonsNameTheValueAndWhatIsWanted() {
    assertThat(reason(List.of("muster/cpu=8+4"))).contains("cpu=8+4", "smaller number");
    assertThat(reason(List.of("muster/runer=x"))).contains("runer", "did you mean 'runner'");
    assertThat(reason(List.of("muster/region=" + "r".repeat(61)))).contains("a region's name");
  }

  @Test
  void labelsWithoutBoundsAreRefused() {
    assertThat(reason(List.of("muster/runner=" + "x".repeat(300)))).contains("314 characters");
    assertThat(reason(List.of("muster/runner=a\u0000b"))).contains("control character");
    assertThat(reason(List.of("muster", "tab\tbed"))).contains("control character");
    List<String> many = new ArrayList<>(List.of("muster"));
    for (int i = 1; i < 100; i++) {
      many.add("label-" + i);
    }
    assertThat(reason(many)).contains("100 labels");
  }

  @Test
  void manyMarkersAreRefusedInOneLine() {
    List<String> markers = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      markers.add("muster=" + i + "/runner=" + "x".repeat(200));
    }
    assertThat(reason(markers)).contains("50").hasSizeLessThan(1_000);
  }

  @Test
  void nothingEverThrows() {
    Random random = new Random(11);
    String alphabet = "muster/=+ cpuramfilyx0189-\u0000\u00e9\ud83d*(";
    for (int round = 0; round < 20_000; round++) {
      StringBuilder label = new StringBuilder(random.nextBoolean() ? "muster=1/" : "");
      for (int i = random.nextInt(40); i > 0; i--) {
        label.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      assertThat(Labels.read(List.of(label.toString()))).as(label.toString()).isNotNull();
    }
  }

  private static LabelRequest marked(String label) {
    Labels.Reading reading = Labels.read(List.of(label));
    assertThat(reading).isInstanceOf(Labels.Reading.Marked.class);
    return ((Labels.Reading.Marked) reading).request();
  }

  private static String reason(List<String> labels) {
    Labels.Reading reading = Labels.read(labels);
    assertThat(reading).isInstanceOf(Labels.Reading.Malformed.class);
    return ((Labels.Reading.Malformed) reading).reason();
  }
}
