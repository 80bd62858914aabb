package dev.muster.fleet.compute.ec2;

import dev.muster.fleet.compute.Instance;
import dev.muster.fleet.compute.Machine;
import dev.muster.fleet.compute.Offer;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ec2.model.DescribeInstancesRequest;
import software.amazon.awssdk.services.ec2.model.Ec2Exception;
import software.amazon.awssdk.services.ec2.model.Filter;
import software.amazon.awssdk.services.ec2.model.InstanceLifecycleType;
import software.amazon.awssdk.services.ec2.model.InstanceStateName;
import software.amazon.awssdk.services.ec2.model.Tag;

/**
 * The machines that there are: listed and acted on per batch, in whichever account they are. Where
 * one was seen last is remembered, so that what is urgent is asked for at once.
 */
final class Ec2Instances {
  private static final Logger log = System.getLogger(Ec2Instances.class.getName());

  /** Instances that are named in one call: EC2 takes no more values of a filter. */
  private static final int BATCH = 200;

  private static final List<String> ALIVE = List.of("pending", "running", "stopping", "stopped");

  /** A machine as it was seen: in which account, and what it was bought as. */
  private record Seen(String role, Machine machine) {}

  private final Ec2Accounts accounts;
  private final Ec2Records records;
  private final Map<String, Map<String, Seen>> seen = new ConcurrentHashMap<>();

  Ec2Instances(Ec2Accounts accounts, Ec2Records records) {
    this.accounts = accounts;
    this.records = records;
  }

  /** Every machine of this appliance in a region. */
  List<Instance> list(String region) {
    Map<String, Instance> all = new LinkedHashMap<>(); // two roles may be of one account
    Map<String, Seen> now = new HashMap<>();
    try {
      inEach(
          region,
          role -> {
            for (Found found : describe(accounts.client(region, role))) {
              all.putIfAbsent(found.instance().id(), found.instance());
              now.putIfAbsent(found.instance().id(), new Seen(role, found.machine()));
            }
          });
    } catch (SdkException e) {
      throw Ec2Errors.of("list machines", region, e);
    }
    seen.put(region, new ConcurrentHashMap<>(now));
    return List.copyOf(all.values());
  }

  /**
   * Does something in each account. One that cannot be entered and where no machine lives, as that
   * of an environment that is being set up, keeps nothing from the others.
   */
  private void inEach(String region, Consumer<String> action) {
    Set<String> roles = accounts.roles(region);
    int shut = 0;
    for (String role : roles) {
      try {
        action.accept(role);
      } catch (SdkException e) {
        shut++;
        if (shut == roles.size() || accounts.living(region).contains(role)) {
          throw e;
        }
        log.log(
            Level.WARNING,
            "In {0} no machine lives with role {1}, and it cannot be entered: {2}",
            region,
            role.isEmpty() ? "of the appliance" : role,
            e.getMessage());
      }
    }
  }

  /** What a launch made, as far as EC2 lists it. */
  List<Machine> of(Ec2Client client, String launch) {
    return describe(client, filter("tag:" + MusterTags.LAUNCH, List.of(launch))).stream()
        .map(Found::machine)
        .toList();
  }

  /** These were made just now, and are not listed yet. */
  void made(String region, String role, List<Machine> machines) {
    Map<String, Seen> there = seen.computeIfAbsent(region, key -> new ConcurrentHashMap<>());
    machines.forEach(machine -> there.put(machine.id(), new Seen(role, machine)));
  }

  /** What a machine was bought as; empty for one that is not ours or was never seen. */
  Optional<Offer> offer(String region, String instance) {
    return Optional.ofNullable(seen.getOrDefault(region, Map.of()).get(instance))
        .flatMap(found -> found.machine().offer());
  }

  /** A call for some machines of one account; all of them are there. */
  interface Call {
    void make(Ec2Client client, List<String> ids);
  }

  /**
   * Calls for those of {@code instances} that are there and ours. Those that were seen are asked
   * for at once; one id that is gone makes EC2 refuse the whole call, and then it is looked which
   * are there.
   */
  void each(String operation, String region, Collection<String> instances, Call call) {
    Map<String, List<String>> byRole = new LinkedHashMap<>();
    List<String> unseen = new ArrayList<>();
    Map<String, Seen> known = seen.getOrDefault(region, Map.of());
    instances.stream()
        .filter(id -> id.matches("i-[0-9a-f]{8,32}"))
        .distinct()
        .forEach(id -> {
          Seen last = known.get(id);
          (last == null ? unseen : byRole.computeIfAbsent(last.role(), r -> new ArrayList<>()))
              .add(id);
        });
    try {
      byRole.forEach((role, ids) -> batches(ids).forEach(some -> atOnce(region, role, some, call)));
      for (List<String> some : batches(unseen)) {
        inEach(region, role -> careful(accounts.client(region, role), some, call));
      }
    } catch (SdkException e) {
      throw Ec2Errors.of(operation, region, e);
    }
  }

  private void atOnce(String region, String role, List<String> ids, Call call) {
    Ec2Client client = accounts.client(region, role);
    try {
      call.make(client, ids);
    } catch (Ec2Exception e) {
      if (!Ec2Errors.notFound(e)) {
        throw e;
      }
      careful(client, ids, call);
    }
  }

  private void careful(Ec2Client client, List<String> ids, Call call) {
    List<String> there =
        describe(client, filter("instance-id", ids)).stream().map(f -> f.instance().id()).toList();
    if (there.isEmpty()) {
      return;
    }
    try {
      call.make(client, there);
    } catch (Ec2Exception e) {
      if (!Ec2Errors.notFound(e)) {
        throw e;
      }
      // One of them went meanwhile; whoever asked looks again, and asks for the rest.
    }
  }

  private static List<List<String>> batches(List<String> ids) {
    List<List<String>> batches = new ArrayList<>();
    for (int from = 0; from < ids.size(); from += BATCH) {
      batches.add(ids.subList(from, Math.min(ids.size(), from + BATCH)));
    }
    return batches;
  }

  private record Found(Instance instance, Machine machine) {}

  private List<Found> describe(Ec2Client client, Filter... further) {
    List<Filter> filters = new ArrayList<>(List.of(further));
    filters.add(filter("tag:" + MusterTags.APPLIANCE, List.of(records.appliance())));
    filters.add(filter("instance-state-name", ALIVE));
    DescribeInstancesRequest request =
        DescribeInstancesRequest.builder().filters(filters).maxResults(1000).build();
    List<Found> found = new ArrayList<>();
    client.describeInstancesPaginator(request).reservations().stream()
        .flatMap(reservation -> reservation.instances().stream())
        .forEach(instance -> found.add(found(instance)));
    return found;
  }

  private static Found found(software.amazon.awssdk.services.ec2.model.Instance instance) {
    Optional<Offer> offer =
        instance.placement() == null
            ? Optional.empty()
            : Optional.of(
                new Offer(
                    instance.instanceTypeAsString(),
                    instance.placement().availabilityZone(),
                    instance.instanceLifecycle() == InstanceLifecycleType.SPOT));
    return new Found(
        new Instance(
            instance.instanceId(),
            state(instance.state().name()),
            instance.tags().stream()
                .filter(tag -> tag.key().equals(MusterTags.LAUNCH))
                .map(Tag::value)
                .findFirst(),
            instance.launchTime()),
        new Machine(instance.instanceId(), offer));
  }

  private static Instance.State state(InstanceStateName name) {
    return switch (name) {
      case PENDING -> Instance.State.PENDING;
      case STOPPING -> Instance.State.STOPPING;
      case STOPPED -> Instance.State.STOPPED;
      default -> Instance.State.RUNNING;
    };
  }

  private static Filter filter(String name, List<String> values) {
    return Filter.builder().name(name).values(values).build();
  }
}
