package dev.muster.fleet.compute.ec2;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpHandler;
import dev.muster.fixture.StandIn;
import dev.muster.fleet.compute.Instance;
import dev.muster.fleet.spec.EnvironmentSpec;
import dev.muster.fleet.spec.Environments;
import dev.muster.fleet.spec.FleetSpec;
import dev.muster.fleet.spec.Provider;
import dev.muster.kernel.audit.AuditLog;
import dev.muster.kernel.clock.VirtualTime;
import dev.muster.kernel.store.StoreFixture;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.ec2.Ec2Client;

/** The list of a large fleet through the real SDK, as EC2 would page it; prints what it takes. */
@Isolated("its figures are of a machine that does nothing else")
class Ec2SweepIT {
  private static final int MACHINES = 10_000;
  private static final int PAGE = 1_000;
  private static final Pattern TOKEN = Pattern.compile("NextToken=(\\d+)");

  @TempDir private Path folder;

  @Test
  void listsTenThousandMachines() throws Exception {
    VirtualTime time = new VirtualTime("2026-03-01T12:00:00Z");
    AtomicBoolean watched = new AtomicBoolean();
    AtomicLong most = new AtomicLong();
    HttpHandler pages =
        exchange -> {
          if (watched.get()) { // what is held between two pages, and not what waits to be collected
            most.accumulateAndGet(collected(), Math::max);
          }
          String asked =
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
          Matcher token = TOKEN.matcher(asked);
          StandIn.answer(exchange, 200, page(token.find() ? Integer.parseInt(token.group(1)) : 0));
        };
    try (StandIn server = StandIn.start(pages);
        StoreFixture store = StoreFixture.open(folder, new AuditLog(time));
        Ec2Client client =
            Ec2Client.builder()
                .region(Region.EU_WEST_1)
                .endpointOverride(server.url())
                .credentialsProvider(
                    StaticCredentialsProvider.create(AwsBasicCredentials.create("key", "secret")))
                .build()) {
      Ec2ComputeProvider provider =
          new Ec2ComputeProvider(
              () -> Optional.of(config()),
              new OneAccount(client),
              new Ec2Records(store.database(), store.writer()),
              time);
      assertThat(provider.list("eu-west-1").machines()).as("the first, cold one").hasSize(MACHINES);
      long before = collected();
      long began = System.nanoTime();
      List<Instance> listed = provider.list("eu-west-1").machines();
      Duration took = Duration.ofNanos(System.nanoTime() - began);
      long kept = collected() - before;
      assertThat(listed)
          .hasSize(MACHINES)
          .first()
          .satisfies(instance -> assertThat(instance.launch()).contains("launch-0000000000000000"));
      long idle = collected() - kept;
      watched.set(true);
      assertThat(provider.list("eu-west-1").machines()).hasSize(MACHINES);
      System.out.printf(
          "  a list of %,d machines: %d ms (bar 3,000); of heap at most %d MiB meanwhile (bar 150), %d kept%n",
          MACHINES, took.toMillis(), Math.max(0, most.get() - idle) >> 20, Math.max(0, kept) >> 20);
    }
  }

  /** What is on the heap after a collection. */
  private static long collected() {
    System.gc();
    return ManagementFactory.getMemoryPoolMXBeans().stream()
        .filter(pool -> pool.getType() == MemoryType.HEAP)
        .mapToLong(Ec2SweepIT::used)
        .sum();
  }

  private static long used(MemoryPoolMXBean pool) {
    return pool.getUsage().getUsed();
  }

  private static String page(int from) {
    StringBuilder xml = new StringBuilder(2_000_000);
    xml.append("<DescribeInstancesResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">");
    xml.append("<requestId>1</requestId><reservationSet>");
    for (int i = from; i < from + PAGE; i++) {
      xml.append(
          """
          <item><reservationId>r-%1$017x</reservationId><ownerId>111122223333</ownerId><groupSet/>
          <instancesSet><item><instanceId>i-%1$017x</instanceId><imageId>ami-0123456789abcdef0</imageId>
          <instanceState><code>16</code><name>running</name></instanceState>
          <privateDnsName>ip-10-0-0-1.eu-west-1.compute.internal</privateDnsName><dnsName/><reason/>
          <amiLaunchIndex>0</amiLaunchIndex><productCodes/><instanceType>c7g.xlarge</instanceType>
          <launchTime>2026-03-01T11:00:00.000Z</launchTime>
          <placement><availabilityZone>eu-west-1a</availabilityZone><groupName/><tenancy>default</tenancy></placement>
          <monitoring><state>disabled</state></monitoring><subnetId>subnet-a</subnetId><vpcId>vpc-1</vpcId>
          <privateIpAddress>10.0.0.1</privateIpAddress><sourceDestCheck>true</sourceDestCheck>
          <groupSet><item><groupId>sg-1</groupId><groupName>runners</groupName></item></groupSet>
          <architecture>arm64</architecture><rootDeviceType>ebs</rootDeviceType><rootDeviceName>/dev/sda1</rootDeviceName>
          <blockDeviceMapping><item><deviceName>/dev/sda1</deviceName><ebs><volumeId>vol-%1$017x</volumeId>
          <status>attached</status><attachTime>2026-03-01T11:00:01.000Z</attachTime><deleteOnTermination>true</deleteOnTermination></ebs></item></blockDeviceMapping>
          <virtualizationType>hvm</virtualizationType><instanceLifecycle>spot</instanceLifecycle>
          <tagSet><item><key>muster:launch</key><value>launch-%1$016d</value></item>
          <item><key>muster:pool</key><value>default</value></item><item><key>Name</key><value>muster default</value></item>
          <item><key>muster:appliance</key><value>0</value></item><item><key>Environment</key><value>dev</value></item></tagSet>
          <hypervisor>xen</hypervisor><ebsOptimized>true</ebsOptimized></item></instancesSet></item>
          """
              .formatted(i));
    }
    xml.append("</reservationSet>");
    if (from + PAGE < MACHINES) {
      xml.append("<nextToken>").append(from + PAGE).append("</nextToken>");
    }
    return xml.append("</DescribeInstancesResponse>").toString();
  }

  private static FleetSpec config() {
    EnvironmentSpec environment =
        Environments.named("dev")
            .region("eu-west-1", List.of("subnet-a"), List.of(), Optional.empty())
            .spec();
    return new FleetSpec(
        new FleetSpec.Defaults(Provider.EC2, "dev", "eu-west-1", ZoneOffset.UTC, 100),
        List.of(),
        Map.of("dev", environment),
        List.of());
  }
}
