package dev.muster.fleet.compute.ec2;

import dev.muster.fleet.spec.Arch;
import dev.muster.fleet.spec.ImageRef;
import dev.muster.fleet.spec.Os;
import dev.muster.fleet.spec.Provider;
import dev.muster.fleet.spec.Range;
import dev.muster.fleet.spec.RunnerSpec;
import dev.muster.fleet.spec.Spot;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Specs of EC2 runners, with what a test is about. */
final class Specs {
  private final Arch arch;
  private final Range cpu;
  private final Range ram;
  private Os os = Os.LINUX;
  private Spot spot = Spot.PREFERRED;
  private List<String> families = List.of();
  private List<String> types = List.of();
  private OptionalInt generation = OptionalInt.empty();
  private Optional<ImageRef> image = Optional.empty();
  private int disk = 40;
  private boolean instanceMetadata;

  private Specs(Arch arch, Range cpu, Range ram) {
    this.arch = arch;
    this.cpu = cpu;
    this.ram = ram;
  }

  static Specs linux(Arch arch, int leastCpu, int mostCpu, int leastRam, int mostRam) {
    return new Specs(arch, new Range(leastCpu, mostCpu), new Range(leastRam, mostRam));
  }

  Specs os(Os value) {
    os = value;
    return this;
  }

  Specs spot(Spot value) {
    spot = value;
    return this;
  }

  Specs families(String... names) {
    families = List.of(names);
    return this;
  }

  Specs types(String... names) {
    types = List.of(names);
    return this;
  }

  Specs generation(int value) {
    generation = OptionalInt.of(value);
    return this;
  }

  Specs image(String name, String owner) {
    image = Optional.of(new ImageRef(name, owner));
    return this;
  }

  Specs disk(int gib) {
    disk = gib;
    return this;
  }

  Specs instanceMetadata() {
    instanceMetadata = true;
    return this;
  }

  RunnerSpec build() {
    return new RunnerSpec(
        "spec",
        Provider.EC2,
        os,
        arch,
        cpu,
        ram,
        families,
        types,
        generation,
        disk,
        image,
        spot,
        Duration.ofHours(6),
        List.of(),
        0,
        List.of(),
        false,
        instanceMetadata);
  }
}
