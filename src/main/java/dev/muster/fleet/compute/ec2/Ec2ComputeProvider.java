package dev.muster.fleet.compute.ec2;

import dev.muster.fleet.compute.BreakerStore;
import dev.muster.fleet.compute.Breakers;
import dev.muster.fleet.compute.ComputeProvider;
import dev.muster.fleet.compute.HourlyPrice;
import dev.muster.fleet.compute.LaunchRequest;
import dev.muster.fleet.compute.LaunchResult;
import dev.muster.fleet.compute.Listing;
import dev.muster.fleet.compute.Machine;
import dev.muster.fleet.compute.Offer;
import dev.muster.fleet.spec.FleetSpec;
import dev.muster.fleet.spec.Os;
import dev.muster.fleet.spec.PoolSpec;
import dev.muster.fleet.spec.Provider;
import dev.muster.fleet.spec.RunnerSpec;
import dev.muster.kernel.notice.Finding;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ec2.model.CreateFleetError;
import software.amazon.awssdk.services.ec2.model.CreateFleetInstance;
import software.amazon.awssdk.services.ec2.model.CreateFleetResponse;
import software.amazon.awssdk.services.ec2.model.Ec2Exception;

/** Runners on EC2. Every call is per batch. */
public final class Ec2ComputeProvider implements ComputeProvider {
  private static final Logger log = System.getLogger(Ec2ComputeProvider.class.getName());

  private final Ec2Records records;
  private final Ec2Accounts accounts;
  private final Ec2Instances instances;
  private final Catalogues catalogues;
  private final Breakers breakers;
  private final FleetChooser chooser;
  private final Ec2Doctor doctor;
  private final SpotPrices spotPrices;
  private @Nullable OnDemandPrices onDemandPrices;
  private final LaunchTemplates templates = new LaunchTemplates();
  private final InstantSource clock;

  /**
   * Makes no call.
   *
   * @param fleet the config in force: its environments say where machines are made
   */
  public Ec2ComputeProvider(
      Supplier<Optional<FleetSpec>> fleet,
      Ec2ClientSource clients,
      Ec2Records records,
      InstantSource clock) {
    this.records = records;
    this.accounts = new Ec2Accounts(fleet, clients, records);
    this.instances = new Ec2Instances(accounts, records);
    this.catalogues = new Catalogues(records, clock);
    this.breakers = records.breakers(name(), clock);
    Images images = new Images(accounts, clock);
    Subnets subnets = new Subnets(clock);
    this.chooser =
        new FleetChooser(fleet, accounts, records, catalogues, images, subnets, breakers);
    this.doctor = new Ec2Doctor(fleet, accounts, records, catalogues, images, subnets, clock);
    this.spotPrices = new SpotPrices(clock);
    this.clock = clock;
  }

  @Override
  public String name() {
    return Provider.EC2.word();
  }

  @Override
  public boolean stoppable() {
    return true;
  }

  @Override
  public List<String> command(RunnerSpec spec) {
    return spec.os() == Os.WINDOWS
        ? List.of("C:\\actions-runner\\run.cmd")
        : List.of("/opt/actions-runner/run.sh");
  }

  @Override
  public LaunchResult launch(LaunchRequest request, String secret) {
    try {
      Optional<FleetChoice> before = records.choice(request.launch());
      FleetChoice choice = before.orElseGet(() -> chooser.choose(request));
      Ec2Client client = accounts.client(request.region(), choice.role());
      if (before.isPresent()) {
        // The answer may have been lost: what it made bears the launch's tag.
        List<Machine> made = instances.of(client, request.launch());
        if (!made.isEmpty()) {
          return new LaunchResult.Launched(made, "");
        }
      } else {
        records.chosen(request.launch(), choice, clock.instant());
      }
      return carryOut(client, request, choice, secret);
    } catch (Unsuitable e) {
      return new LaunchResult.Refused(String.valueOf(e.getMessage()));
    } catch (NoRoom e) {
      return new LaunchResult.NoCapacity(String.valueOf(e.getMessage()));
    } catch (SdkException e) {
      throw Ec2Errors.of("launch " + request.launch(), request.region(), e);
    }
  }

  private LaunchResult carryOut(
      Ec2Client client, LaunchRequest request, FleetChoice choice, String secret) {
    String place = request.region() + choice.role();
    templates.ensure(place, client, choice.machine());
    Buying buying = new Buying(client, request, choice, place, secret);
    if (!choice.spot().isEmpty()) {
      buy(buying, true);
    }
    if (!choice.onDemand().isEmpty() && buying.made().size() < request.count()) {
      buy(buying, false);
    }
    instances.made(request.region(), choice.role(), buying.made());
    return answer(request, buying.made(), buying.errors());
  }

  /** A launch on its way: what came of it so far. */
  private record Buying(
      Ec2Client client,
      LaunchRequest request,
      FleetChoice choice,
      String place,
      String secret,
      List<Machine> made,
      List<CreateFleetError> errors) {
    Buying(
        Ec2Client client, LaunchRequest request, FleetChoice choice, String place, String secret) {
      this(client, request, choice, place, secret, new ArrayList<>(), new ArrayList<>());
    }
  }

  /** What is missing, of one market. */
  private void buy(Buying of, boolean spot) {
    String version =
        templates.version(
            of.place(), of.client(), of.choice().machine(), of.request(), spot, of.secret());
    try {
      int missing = of.request().count() - of.made().size();
      ask(
          of.client(),
          new FleetAsk(of.request(), of.choice(), version, missing, spot),
          of.made(),
          of.errors());
    } finally {
      forget(of.client(), of.choice(), version);
    }
  }

  private void ask(
      Ec2Client client, FleetAsk ask, List<Machine> made, List<CreateFleetError> errors) {
    String region = ask.launch().region();
    breakers.asked(region, ask.offers());
    CreateFleetResponse response = client.createFleet(ask.request());
    List<Offer> successes = new ArrayList<>();
    for (CreateFleetInstance group : response.instances()) {
      Optional<Offer> offer = ask.offer(group.launchTemplateAndOverrides());
      offer.ifPresent(successes::add);
      group.instanceIds().forEach(id -> made.add(new Machine(id, offer)));
    }
    Map<Offer, String> missing = new HashMap<>();
    for (CreateFleetError error : response.errors()) {
      if (Ec2Errors.outOfStock(error.errorCode())) {
        ask.offer(error.launchTemplateAndOverrides())
            .ifPresent(offer -> missing.put(offer, error.errorCode()));
      }
    }
    breakers.answered(region, new Breakers.Outcome(successes, missing));
    errors.addAll(response.errors());
  }

  private static LaunchResult answer(
      LaunchRequest request, List<Machine> made, List<CreateFleetError> errors) {
    String reasons =
        errors.stream()
            .map(error -> error.errorCode() + ": " + error.errorMessage())
            .distinct()
            .limit(3)
            .collect(Collectors.joining("; "));
    if (made.size() >= request.count()) {
      return new LaunchResult.Launched(made, "");
    }
    String why = reasons.isEmpty() ? "EC2 gave no reason" : reasons;
    if (!made.isEmpty()) {
      return new LaunchResult.Launched(made, why);
    }
    boolean capacity =
        errors.isEmpty() || errors.stream().anyMatch(e -> Ec2Errors.capacity(e.errorCode()));
    return capacity ? new LaunchResult.NoCapacity(why) : new LaunchResult.Refused(why);
  }

  /** It holds the launch's secret. Should this fail, the secret is of no use after minutes. */
  private void forget(Ec2Client client, FleetChoice choice, String version) {
    try {
      templates.forget(client, choice.machine(), version);
    } catch (SdkException e) {
      log.log(
          Level.WARNING,
          "Version {0} of launch template {1} could not be removed: {2}",
          version,
          choice.machine().name(),
          e.getMessage());
    }
  }

  @Override
  public Map<String, String> start(String region, Collection<String> ids) {
    Map<String, String> refused = new HashMap<>();
    instances.each("start", region, ids, (client, some) -> start(client, some, refused));
    Map<Offer, String> missing = new HashMap<>();
    refused.forEach(
        (id, why) -> instances.offer(region, id).ifPresent(offer -> missing.put(offer, why)));
    breakers.answered(region, new Breakers.Outcome(List.of(), missing));
    return refused;
  }

  /** One that there is no room for makes EC2 refuse them all: halves are tried by themselves. */
  private static void start(Ec2Client client, List<String> ids, Map<String, String> refused) {
    try {
      client.startInstances(request -> request.instanceIds(ids));
    } catch (Ec2Exception e) {
      if (!Ec2Errors.capacity(Ec2Errors.code(e))) {
        throw e;
      }
      if (ids.size() == 1) {
        refused.put(ids.getFirst(), Ec2Errors.code(e));
        return;
      }
      int half = ids.size() / 2;
      start(client, ids.subList(0, half), refused);
      start(client, ids.subList(half, ids.size()), refused);
    }
  }

  @Override
  public void stop(String region, Collection<String> ids) {
    instances.each(
        "stop",
        region,
        ids,
        (client, some) -> client.stopInstances(request -> request.instanceIds(some)));
  }

  @Override
  public void terminate(String region, Collection<String> ids) {
    instances.each(
        "terminate",
        region,
        ids,
        (client, some) -> client.terminateInstances(request -> request.instanceIds(some)));
  }

  @Override
  public Listing list(String region) {
    return instances.list(region);
  }

  @Override
  public List<Finding> examine(List<PoolSpec> pools) {
    return doctor.examine(pools);
  }

  @Override
  public Optional<HourlyPrice> price(String region, Offer offer, Os os) {
    Optional<HourlyPrice> onDemand =
        catalogues.known(region).find(offer.type()).flatMap(type -> table().of(region, type, os));
    if (!offer.spot()) {
      return onDemand;
    }
    return accounts.roles(region).stream()
        .findFirst()
        .flatMap(role -> spotPrices.of(region, accounts.client(region, role), offer, os))
        .or(() -> onDemand.map(price -> new HourlyPrice(price.microUsd(), true)));
  }

  @Override
  public Optional<HourlyPrice> price(String region, RunnerSpec spec) {
    return TypeSelection.of(spec, catalogues.known(region)).fitting().stream()
        .findFirst()
        .flatMap(type -> table().of(region, type, spec.os()));
  }

  private synchronized OnDemandPrices table() {
    OnDemandPrices read = onDemandPrices == null ? OnDemandPrices.bundled() : onDemandPrices;
    onDemandPrices = read;
    return read;
  }

  @Override
  public List<String> explain(String region, RunnerSpec spec) {
    List<String> lines =
        new ArrayList<>(TypeSelection.of(spec, catalogues.known(region)).sentences(spec.name()));
    for (BreakerStore.Known known : records.shut(name(), region, clock.instant())) {
      lines.add(
          "%s is left out until %s: %s."
              .formatted(
                  known.offer().words(),
                  known.breaker().until().orElseThrow(),
                  known.breaker().reason()));
    }
    return lines;
  }
}
