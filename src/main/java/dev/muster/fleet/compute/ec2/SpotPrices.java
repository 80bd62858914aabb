package dev.muster.fleet.compute.ec2;

import dev.muster.fleet.compute.HourlyPrice;
import dev.muster.fleet.compute.Offer;
import dev.muster.fleet.spec.Os;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ec2.model.DescribeSpotPriceHistoryRequest;
import software.amazon.awssdk.services.ec2.model.SpotPrice;

/** What spot capacity costs at the moment, as the account may see it. */
final class SpotPrices {
  private static final Logger log = System.getLogger(SpotPrices.class.getName());

  /** Spot prices move slowly. */
  private static final Duration FRESH = Duration.ofHours(1);

  private record Key(String region, Offer offer, Os os) {}

  private record Seen(Optional<HourlyPrice> price, Instant at) {}

  private final InstantSource clock;
  private final Map<Key, Seen> seen = new ConcurrentHashMap<>();

  SpotPrices(InstantSource clock) {
    this.clock = clock;
  }

  /** Empty where EC2 does not say. */
  Optional<HourlyPrice> of(String region, Ec2Client client, Offer offer, Os os) {
    Key key = new Key(region, offer, os);
    Instant now = clock.instant();
    Seen last = seen.get(key);
    if (last == null || !last.at().plus(FRESH).isAfter(now)) {
      last = new Seen(ask(region, client, offer, os), now);
      seen.put(key, last);
    }
    return last.price();
  }

  private static Optional<HourlyPrice> ask(String region, Ec2Client client, Offer offer, Os os) {
    DescribeSpotPriceHistoryRequest request =
        DescribeSpotPriceHistoryRequest.builder()
            .instanceTypesWithStrings(List.of(offer.type()))
            .availabilityZone(offer.zone())
            .productDescriptions(os == Os.WINDOWS ? "Windows" : "Linux/UNIX")
            .maxResults(1)
            .build();
    try {
      return client.describeSpotPriceHistory(request).spotPriceHistory().stream()
          .findFirst()
          .map(SpotPrice::spotPrice)
          .map(usd -> HourlyPrice.of(Double.parseDouble(usd), false));
    } catch (SdkException e) {
      log.log(
          Level.WARNING,
          "EC2 does not say what {0} costs in {1}, so the on-demand price counts: {2}",
          offer.words(),
          region,
          e.getMessage());
      return Optional.empty();
    }
  }
}
