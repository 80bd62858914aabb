package dev.muster.fleet.compute.ec2;

import dev.muster.fleet.spec.EnvironmentSpec;
import dev.muster.fleet.spec.FleetSpec;
import dev.muster.fleet.spec.PoolSpec;
import dev.muster.fleet.spec.RunnerSpec;
import dev.muster.kernel.notice.Finding;
import dev.muster.kernel.reconcile.StalledException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import software.amazon.awssdk.awscore.AwsResponse;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ec2.model.IamInstanceProfileSpecification;
import software.amazon.awssdk.services.ec2.model.ResourceType;
import software.amazon.awssdk.services.ec2.model.RunInstancesRequest;
import software.amazon.awssdk.services.ec2.model.TagSpecification;

/**
 * Asks EC2 for everything that pools will need, as dry runs: EC2 answers whether it would be
 * allowed, and does nothing.
 */
final class Ec2Doctor {
  /** Clocks that differ by more make signatures be refused soon. */
  private static final Duration SKEW = Duration.ofMinutes(2);

  /** GitHub refuses runners that are older than 30 days (FLEET 9). */
  private static final Duration AGEING = Duration.ofDays(20);

  private static final Duration TOO_OLD = Duration.ofDays(30);
  private static final String GRANT = "allow %s to %s; ami/cloudformation/appliance.yaml has all";

  private final Supplier<Optional<FleetSpec>> fleet;
  private final Ec2Accounts accounts;
  private final Ec2Records records;
  private final Catalogues catalogues;
  private final Images images;
  private final Subnets subnets;
  private final InstantSource clock;

  Ec2Doctor(
      Supplier<Optional<FleetSpec>> fleet,
      Ec2Accounts accounts,
      Ec2Records records,
      Catalogues catalogues,
      Images images,
      Subnets subnets,
      InstantSource clock) {
    this.fleet = fleet;
    this.accounts = accounts;
    this.records = records;
    this.catalogues = catalogues;
    this.images = images;
    this.subnets = subnets;
    this.clock = clock;
  }

  /** A region of an account that pools are in. */
  private record Site(String region, String environment, String role) {
    String words() {
      return region + " for " + environment;
    }

    String who() {
      return role.isEmpty() ? "the appliance's role" : role;
    }
  }

  List<Finding> examine(List<PoolSpec> pools) {
    Map<Site, List<PoolSpec>> sites = new LinkedHashMap<>();
    List<Finding> findings = new ArrayList<>();
    for (PoolSpec pool : pools) {
      Optional<EnvironmentSpec> environment =
          fleet.get().flatMap(config -> config.environment(pool.environment()));
      Optional<EnvironmentSpec.Network> network =
          environment.map(e -> e.regions().get(pool.region()));
      if (network.isEmpty() || network.get().subnets().isEmpty()) {
        findings.add(
            Finding.ill(
                "ec2 network of pool " + pool.name(),
                "environment %s has no subnets in %s".formatted(pool.environment(), pool.region()),
                "name them as environments.%s.regions.%s.subnets"
                    .formatted(pool.environment(), pool.region())));
        continue;
      }
      String role = environment.flatMap(EnvironmentSpec::accountRole).orElse("");
      sites
          .computeIfAbsent(
              new Site(pool.region(), pool.environment(), role), site -> new ArrayList<>())
          .add(pool);
    }
    sites.forEach((site, some) -> findings.addAll(examine(site, some)));
    return findings;
  }

  private List<Finding> examine(Site site, List<PoolSpec> pools) {
    List<Finding> findings = new ArrayList<>();
    Ec2Client client = accounts.client(site.region(), site.role());
    Finding entrance = entrance(site, client);
    findings.add(entrance);
    if (!entrance.ok()) {
      return findings; // everything else would fail for the same reason
    }
    EnvironmentSpec.Network network =
        fleet
            .get()
            .flatMap(config -> config.environment(site.environment()))
            .map(environment -> environment.regions().get(site.region()))
            .orElseThrow();
    findings.addAll(reads(site, client));
    findings.add(network(site, client, network));
    Set<RunnerSpec> seen = new LinkedHashSet<>();
    pools.forEach(pool -> seen.add(pool.runner()));
    for (RunnerSpec spec : seen) {
      findings.add(types(site, client, spec));
      Optional<Images.MachineImage> image = image(site, spec, findings);
      image.ifPresent(found -> findings.add(launch(site, client, network, spec, found)));
    }
    return findings;
  }

  /** Whether the account can be entered at all, and how its clock compares with ours. */
  private Finding entrance(Site site, Ec2Client client) {
    String check = "ec2 in " + site.words();
    try {
      AwsResponse answer = client.describeAvailabilityZones();
      return clock(check, answer);
    } catch (AwsServiceException e) {
      return Finding.ill(
          check,
          Ec2Errors.code(e) + ": " + e.awsErrorDetails().errorMessage(),
          GRANT.formatted("ec2:DescribeAvailabilityZones", site.who()));
    } catch (SdkException e) {
      return Finding.ill(
          check,
          String.valueOf(e.getMessage()),
          "give the appliance an instance profile, or credentials as the AWS SDK finds them, and a"
              + " way to EC2's address");
    }
  }

  private Finding clock(String check, AwsResponse answer) {
    Optional<Instant> theirs =
        Optional.ofNullable(answer.sdkHttpResponse())
            .flatMap(http -> http.firstMatchingHeader("Date"))
            .flatMap(Ec2Doctor::date);
    Duration skew =
        theirs.map(at -> Duration.between(at, clock.instant()).abs()).orElse(Duration.ZERO);
    return skew.compareTo(SKEW) > 0
        ? Finding.ill(
            check,
            "this machine's clock differs from AWS's by %d s".formatted(skew.toSeconds()),
            "let chrony or timesyncd keep it; on EC2 from 169.254.169.123")
        : Finding.well(check, "reached, and the clocks agree");
  }

  private static Optional<Instant> date(String text) {
    try {
      return Optional.of(
          ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  private interface Dry {
    void run();
  }

  private static List<Finding> reads(Site site, Ec2Client client) {
    Map<String, Dry> calls = new LinkedHashMap<>();
    calls.put("ec2:DescribeInstances", () -> client.describeInstances(r -> r.dryRun(true)));
    calls.put("ec2:DescribeInstanceTypes", () -> client.describeInstanceTypes(r -> r.dryRun(true)));
    calls.put("ec2:DescribeImages", () -> client.describeImages(r -> r.dryRun(true)));
    calls.put("ec2:DescribeSubnets", () -> client.describeSubnets(r -> r.dryRun(true)));
    calls.put(
        "ec2:DescribeSpotPriceHistory", () -> client.describeSpotPriceHistory(r -> r.dryRun(true)));
    List<Finding> findings = new ArrayList<>();
    calls.forEach((permission, call) -> findings.add(dry(site, permission, call)));
    return findings;
  }

  private static Finding dry(Site site, String permission, Dry call) {
    String check = "%s in %s".formatted(permission, site.words());
    try {
      call.run();
      return Finding.well(check, "allowed");
    } catch (AwsServiceException e) {
      if (Ec2Errors.code(e).equals("DryRunOperation")) {
        return Finding.well(check, "allowed");
      }
      return Finding.ill(
          check,
          Ec2Errors.code(e) + ": " + e.awsErrorDetails().errorMessage(),
          Ec2Errors.denied(e)
              ? GRANT.formatted(permission, site.who())
              : "mend what EC2 names; the request is the one that a launch makes");
    } catch (SdkException e) {
      return Finding.ill(check, String.valueOf(e.getMessage()), "check the way to EC2's address");
    }
  }

  private Finding network(Site site, Ec2Client client, EnvironmentSpec.Network network) {
    String check = "subnets in " + site.words();
    try {
      List<Subnets.Subnet> found =
          subnets.of(site.region() + site.role(), client, network.subnets());
      long zones = found.stream().map(Subnets.Subnet::zone).distinct().count();
      String detail =
          "%d of %d have free addresses, in %d zone%s"
              .formatted(found.size(), network.subnets().size(), zones, zones == 1 ? "" : "s");
      return zones == 1
          ? Finding.warning(check, detail, "with subnets in more zones there is more spot capacity")
          : Finding.well(check, detail);
    } catch (NoRoom | Unsuitable e) {
      return Finding.ill(check, String.valueOf(e.getMessage()), "mend the environment's subnets");
    } catch (SdkException e) {
      return Finding.ill(check, String.valueOf(e.getMessage()), "mend what EC2 names");
    }
  }

  private Finding types(Site site, Ec2Client client, RunnerSpec spec) {
    TypeSelection selection = TypeSelection.of(spec, catalogues.of(site.region(), client));
    String check = "instance types of runner %s in %s".formatted(spec.name(), site.region());
    return selection.fitting().isEmpty()
        ? Finding.ill(check, selection.explanation(), "widen cpu, ram or families of the runner")
        : Finding.well(check, selection.fitting().size() + " fit");
  }

  private Optional<Images.MachineImage> image(Site site, RunnerSpec spec, List<Finding> findings) {
    String check = "image of runner %s in %s".formatted(spec.name(), site.region());
    try {
      Images.MachineImage image = images.of(site.region(), site.role(), spec);
      findings.add(age(check, image));
      return Optional.of(image);
    } catch (Unsuitable e) {
      findings.add(
          Finding.ill(
              check, String.valueOf(e.getMessage()), "packer build packer/, see docs/aws.md"));
    } catch (SdkException | StalledException e) {
      findings.add(Finding.ill(check, String.valueOf(e.getMessage()), "mend what this names"));
    }
    return Optional.empty();
  }

  private Finding age(String check, Images.MachineImage image) {
    if (image.createdAt().isEmpty()) {
      return Finding.well(check, image.id() + ", of unknown age");
    }
    Duration age = Duration.between(image.createdAt().get(), clock.instant());
    String detail = "%s is %d days old".formatted(image.id(), age.toDays());
    String mend = "build a new one with packer: GitHub refuses runners that are older than 30 days";
    if (age.compareTo(TOO_OLD) >= 0) {
      return Finding.ill(check, detail, mend);
    }
    return age.compareTo(AGEING) >= 0
        ? Finding.warning(check, detail, mend)
        : Finding.well(check, detail);
  }

  /** A whole machine as a launch would make it: its image, network, role and tags. */
  private Finding launch(
      Site site,
      Ec2Client client,
      EnvironmentSpec.Network network,
      RunnerSpec spec,
      Images.MachineImage image) {
    Optional<String> type =
        TypeSelection.of(spec, catalogues.known(site.region())).fitting().stream()
            .map(InstanceType::name)
            .findFirst();
    Map<String, String> tags =
        Map.of(
            MusterTags.APPLIANCE,
            records.appliance(),
            MusterTags.ENVIRONMENT,
            site.environment(),
            MusterTags.REGION,
            site.region());
    RunInstancesRequest.Builder request =
        RunInstancesRequest.builder()
            .dryRun(true)
            .minCount(1)
            .maxCount(1)
            .imageId(image.id())
            .instanceType(type.orElse("m7i.large"))
            .subnetId(network.subnets().getFirst())
            .tagSpecifications(
                tags(ResourceType.INSTANCE, tags),
                tags(ResourceType.VOLUME, tags),
                tags(ResourceType.NETWORK_INTERFACE, tags));
    if (!network.securityGroups().isEmpty()) {
      request.securityGroupIds(network.securityGroups());
    }
    network
        .instanceProfile()
        .ifPresent(name ->
            request.iamInstanceProfile(
                IamInstanceProfileSpecification.builder().name(name).build()));
    Finding found = dry(site, "ec2:RunInstances", () -> client.runInstances(request.build()));
    return new Finding(
        "%s, runner %s".formatted(found.check(), spec.name()),
        found.ok(),
        found.detail(),
        found.mend());
  }

  private static TagSpecification tags(ResourceType of, Map<String, String> tags) {
    return TagSpecification.builder().resourceType(of).tags(LaunchTemplates.tags(tags)).build();
  }
}
