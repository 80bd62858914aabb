package dev.muster.fleet.spec;

import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * A kind of runner.
 *
 * @param cpu in vCPU
 * @param ram in GiB
 * @param families instance families to choose from, empty for any
 * @param instanceTypes fixes what the ranges would choose, empty for none fixed
 * @param generation of the instance family, as 7 for c7g
 * @param disk in GiB
 * @param maxRuntime the hard deadline of a job
 * @param labels further labels that select it
 * @param slots for {@link Provider#LOCAL}: how many at a time
 * @param command for {@link Provider#LOCAL}: started once per job
 * @param privateSubnet whether it must have no public address
 * @param instanceMetadata whether its jobs reach the instance metadata, and so the credentials of
 *     the instance profile
 */
public record RunnerSpec(
    String name,
    Provider provider,
    Os os,
    Arch arch,
    Range cpu,
    Range ram,
    List<String> families,
    List<String> instanceTypes,
    OptionalInt generation,
    int disk,
    Optional<ImageRef> image,
    Spot spot,
    Duration maxRuntime,
    List<String> labels,
    int slots,
    List<String> command,
    boolean privateSubnet,
    boolean instanceMetadata) {
  public RunnerSpec {
    families = List.copyOf(families);
    instanceTypes = List.copyOf(instanceTypes);
    labels = List.copyOf(labels);
    command = List.copyOf(command);
  }

  /** What is left of a spec that the config no longer has: nothing is launched from it. */
  public static RunnerSpec forgotten(String name, String provider) {
    return new RunnerSpec(
        name,
        Provider.valueOf(provider.toUpperCase(java.util.Locale.ROOT)),
        Os.LINUX,
        Arch.AMD64,
        new Range(1, 1),
        new Range(1, 1),
        List.of(),
        List.of(),
        OptionalInt.empty(),
        1,
        Optional.empty(),
        Spot.NEVER,
        Duration.ofHours(6),
        List.of(),
        0,
        List.of(),
        false,
        false);
  }

  /** The same with other sizes and another hard deadline. */
  public RunnerSpec with(Range vcpu, Range gib, Duration deadline) {
    return new RunnerSpec(
        name,
        provider,
        os,
        arch,
        vcpu,
        gib,
        families,
        instanceTypes,
        generation,
        disk,
        image,
        spot,
        deadline,
        labels,
        slots,
        command,
        privateSubnet,
        instanceMetadata);
  }

  /** The same without spot capacity, unless it takes nothing else. */
  public RunnerSpec onDemand() {
    return spot != Spot.PREFERRED
        ? this
        : new RunnerSpec(
            name,
            provider,
            os,
            arch,
            cpu,
            ram,
            families,
            instanceTypes,
            generation,
            disk,
            image,
            Spot.NEVER,
            maxRuntime,
            labels,
            slots,
            command,
            privateSubnet,
            instanceMetadata);
  }

  /** Whether an instance of the one is as the other says too: whether their hashes are the same. */
  public boolean sameInstance(RunnerSpec other) {
    return equals(other) || instance().equals(other.instance());
  }

  /**
   * Changes whenever a running instance would no longer be what the spec says; its name and its
   * labels do not matter. 16 hexadecimal digits.
   */
  public String hash() {
    String what = instance().stream().map(Object::toString).collect(Collectors.joining("|"));
    return HexFormat.of().formatHex(DigestUtils.sha256(what), 0, 8);
  }

  /** What an instance is made from; as text, it is what the hash is of. */
  private List<Object> instance() {
    List<Object> what =
        List.of(
            provider.word(),
            os.word(),
            arch.word(),
            cpu,
            ram,
            families,
            instanceTypes,
            generation,
            disk,
            image,
            spot.word(),
            maxRuntime,
            command,
            privateSubnet);
    // Else nothing: machines from before there was the key are as specs say.
    return instanceMetadata ? Stream.concat(what.stream(), Stream.of("metadata")).toList() : what;
  }
}
