package dev.muster.fleet.compute.ec2;

import dev.muster.fleet.spec.Arch;
import dev.muster.fleet.spec.ImageRef;
import dev.muster.fleet.spec.Os;
import dev.muster.fleet.spec.RunnerSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.ec2.Ec2Client;
import software.amazon.awssdk.services.ec2.model.DescribeImagesRequest;
import software.amazon.awssdk.services.ec2.model.Filter;
import software.amazon.awssdk.services.ec2.model.Image;

/** Finds the image that a spec starts from: the newest of a name, of one owner. */
final class Images {
  /** So long a found image is used before it is looked for again. */
  private static final Duration FRESH = Duration.ofMinutes(5);

  private record Key(String region, String role, ImageRef ref, Arch arch) {}

  private record Found(MachineImage image, Instant at) {}

  /**
   * What a machine starts from.
   *
   * @param rootDevice the name of its first disk, as {@code /dev/sda1}
   * @param createdAt empty where EC2 does not say
   */
  record MachineImage(String id, String rootDevice, Optional<Instant> createdAt) {}

  private final Ec2Accounts accounts;
  private final ImageParameters parameters;
  private final InstantSource clock;
  private final Map<Key, Found> found = new ConcurrentHashMap<>();

  Images(Ec2Accounts accounts, InstantSource clock) {
    this.accounts = accounts;
    this.parameters = new ImageParameters(accounts);
    this.clock = clock;
  }

  /** Whether {@code name} is the id of an image and no pattern of names. */
  static boolean isId(String name) {
    return name.matches("ami-[0-9a-f]{8,32}");
  }

  /**
   * The image for {@code spec}.
   *
   * @param role of the account that asks, which counts for what is its own; empty for the
   *     appliance's
   * @throws Unsuitable when there is none, or no telling which
   * @throws dev.muster.kernel.reconcile.StalledException when the parameter that names it must not
   *     be read
   */
  MachineImage of(String region, String role, RunnerSpec spec) {
    ImageRef ref = spec.image().orElseGet(() -> ours(spec));
    Key key = new Key(region, role, ref, spec.arch());
    Found last = found.get(key);
    Instant now = clock.instant();
    if (last != null && last.at().plus(FRESH).isAfter(now)) {
      return last.image();
    }
    MachineImage image =
        newest(accounts.client(region, role), region, question(region, role, ref, spec), spec);
    found.put(key, new Found(image, now));
    return image;
  }

  /** The one that this project's packer templates make. */
  private static ImageRef ours(RunnerSpec spec) {
    String os = spec.os() == Os.WINDOWS ? "windows-2022" : "linux";
    return new ImageRef("muster-runner-" + os + "-" + spec.arch().word() + "-*", "self");
  }

  /**
   * What EC2 is asked for.
   *
   * @param words for messages, after "image with"
   */
  private record Question(DescribeImagesRequest request, String words) {
    static Question byId(String id, String words) {
      return new Question(
          DescribeImagesRequest.builder().filters(filter("image-id", id)).build(), words);
    }

    static Question byName(ImageRef ref) {
      return new Question(
          DescribeImagesRequest.builder()
              .owners(ref.owner())
              .filters(filter("name", ref.name()), filter("state", "available"))
              .build(),
          "a name like \"%s\" of owner %s".formatted(ref.name(), ref.owner()));
    }
  }

  private Question question(String region, String role, ImageRef ref, RunnerSpec spec) {
    if (ref.parameter().isPresent()) {
      String parameter = ref.parameter().get();
      String id = parameters.image(region, role, parameter, spec.name());
      return Question.byId(id, "%s, which the parameter %s names,".formatted(id, parameter));
    }
    return isId(ref.name()) ? Question.byId(ref.name(), ref.name()) : Question.byName(ref);
  }

  private static MachineImage newest(
      Ec2Client client, String region, Question question, RunnerSpec spec) {
    List<Image> images = client.describeImages(question.request()).images();
    String asked = question.words();
    if (images.isEmpty()) {
      throw new Unsuitable(
          "there is no image with %s in %s; build one with packer, or name another under image of runner %s"
              .formatted(asked, region, spec.name()));
    }
    Set<String> owners =
        images.stream().map(Image::ownerId).collect(Collectors.toCollection(TreeSet::new));
    if (owners.size() > 1) {
      throw new Unsuitable(
          "the images with %s belong to several accounts (%s): name one of them as owner"
              .formatted(asked, String.join(", ", owners)));
    }
    List<Image> fitting = images.stream().filter(image -> archOf(image) == spec.arch()).toList();
    if (fitting.isEmpty()) {
      throw new Unsuitable(
          "the image with %s is not for %s: %s"
              .formatted(asked, spec.arch().word(), images.getFirst().imageId()));
    }
    Image image =
        fitting.stream()
            .max(Comparator.comparing(Image::creationDate).thenComparing(Image::imageId))
            .orElseThrow();
    return new MachineImage(
        image.imageId(), image.rootDeviceName(), createdAt(image.creationDate()));
  }

  private static Optional<Instant> createdAt(@Nullable String date) {
    try {
      return Optional.ofNullable(date).map(Instant::parse);
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }

  private static Arch archOf(Image image) {
    return "arm64".equals(image.architectureAsString()) ? Arch.ARM64 : Arch.AMD64;
  }

  private static Filter filter(String name, String value) {
    return Filter.builder().name(name).values(value).build();
  }
}
