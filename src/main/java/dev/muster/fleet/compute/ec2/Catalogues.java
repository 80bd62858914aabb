package dev.muster.fleet.compute.ec2;

import dev.muster.fleet.spec.Arch;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ec2.model.ArchitectureType;
import software.amazon.awssdk.services.ec2.model.DescribeInstanceTypesRequest;
import software.amazon.awssdk.services.ec2.model.InstanceTypeHypervisor;
import software.amazon.awssdk.services.ec2.model.InstanceTypeInfo;
import software.amazon.awssdk.services.ec2.model.UsageClassType;

/** The instance types of each region, asked for once a day. */
final class Catalogues {
  private static final Logger log = System.getLogger(Catalogues.class.getName());
  private static final Duration FRESH = Duration.ofDays(1);

  /** After a failure it is not asked again for so long. */
  private static final Duration PATIENCE = Duration.ofMinutes(15);

  /** The most that EC2 gives at once. */
  private static final int PAGE = 100;

  private final Ec2Records records;
  private final InstantSource clock;
  private final Map<String, Ec2Records.Known> known = new ConcurrentHashMap<>();

  Catalogues(Ec2Records records, InstantSource clock) {
    this.records = records;
    this.clock = clock;
  }

  /** What the region has, as far as is known: a failure to ask is no reason not to launch. */
  Catalogue of(String region, Ec2Client client) {
    Instant now = clock.instant();
    Optional<Ec2Records.Known> last =
        Optional.ofNullable(known.get(region)).or(() -> records.catalogue(region));
    if (last.isPresent() && last.get().at().plus(FRESH).isAfter(now)) {
      known.put(region, last.get());
      return last.get().catalogue();
    }
    try {
      Catalogue fetched = fetch(client);
      giveMemoryBack();
      records.catalogue(region, fetched, now);
      known.put(region, new Ec2Records.Known(fetched, now));
      return fetched;
    } catch (SdkException e) {
      Catalogue instead = last.map(Ec2Records.Known::catalogue).orElseGet(Catalogue::bundled);
      log.log(
          Level.WARNING,
          "EC2 did not say which instance types {0} has, going by what was known: {1}",
          region,
          e.getMessage());
      known.put(region, new Ec2Records.Known(instead, now.minus(FRESH).plus(PATIENCE)));
      return instead;
    }
  }

  /** The same without asking. */
  Catalogue known(String region) {
    return Optional.ofNullable(known.get(region))
        .or(() -> records.catalogue(region))
        .map(Ec2Records.Known::catalogue)
        .orElseGet(Catalogue::bundled);
  }

  /** Holds what the SDK makes of one page at a time; of a type, some 30 bytes of it stay. */
  private static Catalogue fetch(Ec2Client client) {
    List<InstanceType> types = new ArrayList<>();
    DescribeInstanceTypesRequest request =
        DescribeInstanceTypesRequest.builder().maxResults(PAGE).build();
    for (InstanceTypeInfo info : client.describeInstanceTypesPaginator(request).instanceTypes()) {
      type(info).ifPresent(types::add);
    }
    return new Catalogue(types);
  }

  /**
   * Nothing else that an idle appliance does makes so much garbage: more than a thousand types, of
   * each some hundred objects, and the SDK's own start before them. G1 would keep what it grew by
   * for good, as it returns memory after a marking or a full collection alone, and at rest neither
   * comes. One full collection of 25 MB in use takes 0.1 s, once a day for each region; without it
   * the appliance rests with 75 MB more.
   */
  private static void giveMemoryBack() {
    System.gc();
  }

  /** Empty for what no image of ours boots on: other processors, bare metal, the old hypervisor. */
  private static Optional<InstanceType> type(InstanceTypeInfo info) {
    List<ArchitectureType> architectures = info.processorInfo().supportedArchitectures();
    Optional<Arch> arch =
        architectures.contains(ArchitectureType.X86_64)
            ? Optional.of(Arch.AMD64)
            : architectures.contains(ArchitectureType.ARM64)
                ? Optional.of(Arch.ARM64)
                : Optional.empty();
    if (arch.isEmpty()
        || Boolean.TRUE.equals(info.bareMetal())
        || info.hypervisor() != InstanceTypeHypervisor.NITRO
        || info.instanceTypeAsString().startsWith("mac")) {
      return Optional.empty();
    }
    return Optional.of(
        new InstanceType(
            info.instanceTypeAsString(),
            info.vCpuInfo().defaultVCpus(),
            Math.toIntExact(info.memoryInfo().sizeInMiB()),
            arch.get(),
            kind(info),
            info.supportedUsageClasses().contains(UsageClassType.SPOT)));
  }

  private static InstanceType.Kind kind(InstanceTypeInfo info) {
    if (Boolean.TRUE.equals(info.burstablePerformanceSupported())) {
      return InstanceType.Kind.BURSTABLE;
    }
    boolean accelerated =
        info.gpuInfo() != null
            || info.inferenceAcceleratorInfo() != null
            || info.fpgaInfo() != null
            || info.neuronInfo() != null
            || info.mediaAcceleratorInfo() != null;
    return accelerated ? InstanceType.Kind.ACCELERATED : InstanceType.Kind.USUAL;
  }
}
