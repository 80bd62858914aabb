package dev.muster.fleet.compute.ec2;

import static org.assertj.core.api.Assertions.assertThat;

import dev.muster.fleet.spec.Arch;
import dev.muster.fleet.spec.Os;
import dev.muster.fleet.spec.RunnerSpec;
import java.util.List;
import org.junit.jupiter.api.Test;

class TypeSelectionTest {
  private static final Catalogue CATALOGUE = Catalogue.bundled();

  @Test
  void takesWhatLiesInTheRangesOfTheNamedFamilies() {
    RunnerSpec spec = Specs.linux(Arch.ARM64, 4, 8, 8, 32).families("c7g", "m7g").build();
    assertThat(names(spec))
        .containsExactly("c7g.xlarge", "m7g.xlarge", "c7g.2xlarge", "m7g.2xlarge");
  }

  @Test
  void takesAFamilyByTheBeginningOfItsName() {
    RunnerSpec spec = Specs.linux(Arch.AMD64, 4, 4, 8, 8).families("c7").build();
    assertThat(names(spec)).contains("c7i.xlarge", "c7a.xlarge").doesNotContain("c7g.xlarge");
    RunnerSpec exact = Specs.linux(Arch.AMD64, 2, 96, 1, 1024).families("c7i").build();
    assertThat(names(exact)).isNotEmpty().allMatch(name -> name.startsWith("c7i."));
  }

  @Test
  void takesGeneralComputeAndMemoryFamiliesUnasked() {
    RunnerSpec spec = Specs.linux(Arch.AMD64, 2, 192, 1, 2048).build();
    assertThat(names(spec)).isNotEmpty().allMatch(name -> name.matches("[cmr]\\d.*"));
  }

  @Test
  void takesBurstableAndAcceleratedOnesOnlyWhereTheyAreNamed() {
    RunnerSpec spec = Specs.linux(Arch.AMD64, 2, 8, 1, 64).build();
    assertThat(TypeSelection.of(spec, CATALOGUE).rejected())
        .anySatisfy((why, types) -> {
          assertThat(why).contains("burstable");
          assertThat(types).contains("t3.large");
        })
        .anySatisfy((why, types) -> {
          assertThat(why).contains("accelerator");
          assertThat(types).contains("g5.xlarge");
        });
    assertThat(names(Specs.linux(Arch.AMD64, 2, 2, 8, 8).families("t3").build()))
        .containsExactly("t3.large");
    assertThat(names(Specs.linux(Arch.AMD64, 4, 4, 16, 16).families("g5").build()))
        .containsExactly("g5.xlarge");
  }

  @Test
  void gives64BitIntelToWindowsUnasked() {
    RunnerSpec spec = Specs.linux(Arch.AMD64, 4, 4, 8, 16).os(Os.WINDOWS).build();
    assertThat(names(spec))
        .containsExactlyInAnyOrder("c6i.xlarge", "c7i.xlarge", "m6i.xlarge", "m7i.xlarge");
  }

  @Test
  void keepsToAGeneration() {
    RunnerSpec spec = Specs.linux(Arch.ARM64, 4, 4, 8, 16).generation(8).build();
    assertThat(names(spec)).isNotEmpty().allMatch(name -> name.matches("[cmr]8.*"));
  }

  @Test
  void takesNamedTypesInTheirOrderAndSaysWhichThereAreNot() {
    RunnerSpec spec =
        Specs.linux(Arch.ARM64, 1, 1, 1, 1)
            .types("m7g.xlarge", "c7g.large", "c99g.large", "c7i.large")
            .build();
    TypeSelection selection = TypeSelection.of(spec, CATALOGUE);
    assertThat(selection.fitting())
        .extracting(InstanceType::name)
        .containsExactly("m7g.xlarge", "c7g.large");
    assertThat(selection.explanation())
        .contains("c99g.large: there is no such type in the region")
        .contains("c7i.large: not arm64 but amd64");
  }

  @Test
  void saysWhyNoneFits() {
    RunnerSpec spec = Specs.linux(Arch.ARM64, 3, 3, 8, 8).families("c7g").build();
    TypeSelection selection = TypeSelection.of(spec, CATALOGUE);
    assertThat(selection.fitting()).isEmpty();
    assertThat(selection.explanation()).contains("not 3 vCPU").contains("c7g.");
  }

  @Test
  void storedCatalogueIsTheSame() {
    assertThat(Catalogue.parse(CATALOGUE.text()).all()).containsExactlyElementsOf(CATALOGUE.all());
    assertThat(CATALOGUE.find("c7g.xlarge"))
        .contains(
            new InstanceType("c7g.xlarge", 4, 8192, Arch.ARM64, InstanceType.Kind.USUAL, true));
  }

  @Test
  void readsTheGenerationFromTheFamily() {
    assertThat(CATALOGUE.find("m7i-flex.large").orElseThrow().generation()).hasValue(7);
    assertThat(CATALOGUE.find("i4i.large").orElseThrow().generation()).hasValue(4);
  }

  private static List<String> names(RunnerSpec spec) {
    return TypeSelection.of(spec, CATALOGUE).fitting().stream().map(InstanceType::name).toList();
  }
}
