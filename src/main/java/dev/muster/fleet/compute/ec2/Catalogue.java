package dev.muster.fleet.compute.ec2;

import dev.muster.fleet.spec.Arch;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The instance types that a region has. As text, a line each: {@code NAME,VCPU,MIB,ARCH,KIND,spot};
 * lines that begin with {@code #} say nothing.
 */
public final class Catalogue {
  private static final String BUNDLED = "/ec2/instance-types.csv";

  private final Map<String, InstanceType> types;

  /** Of these types, in any order. */
  public Catalogue(Collection<InstanceType> types) {
    this.types =
        new TreeMap<>(types.stream().collect(Collectors.toMap(InstanceType::name, t -> t)));
  }

  /** What every large region has: for a first start, before the account was asked. */
  public static Catalogue bundled() {
    try (InputStream in = Catalogue.class.getResourceAsStream(BUNDLED)) {
      if (in == null) {
        throw new IllegalStateException("The program lacks its " + BUNDLED);
      }
      return parse(new String(in.readAllBytes(), StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw new UncheckedIOException("The program's " + BUNDLED + " cannot be read", e);
    }
  }

  /**
   * Reads what {@link #text} wrote.
   *
   * @throws IllegalArgumentException naming the line that is none
   */
  public static Catalogue parse(String text) {
    List<InstanceType> types = new ArrayList<>();
    text.lines().filter(line -> !line.startsWith("#")).map(Catalogue::type).forEach(types::add);
    return new Catalogue(types);
  }

  private static InstanceType type(String line) {
    String[] parts = line.split(",", -1);
    if (parts.length != 6 || parts[0].indexOf('.') < 1) {
      throw new IllegalArgumentException("Not an instance type: " + line);
    }
    return new InstanceType(
        parts[0],
        Integer.parseInt(parts[1]),
        Integer.parseInt(parts[2]),
        Arch.valueOf(parts[3].toUpperCase(Locale.ROOT)),
        parts[4].isEmpty()
            ? InstanceType.Kind.USUAL
            : InstanceType.Kind.valueOf(parts[4].toUpperCase(Locale.ROOT)),
        parts[5].equals("spot"));
  }

  /** The form in which it is stored. */
  public String text() {
    return types.values().stream().map(Catalogue::line).collect(Collectors.joining("\n"));
  }

  private static String line(InstanceType type) {
    String kind =
        type.kind() == InstanceType.Kind.USUAL ? "" : type.kind().name().toLowerCase(Locale.ROOT);
    return String.join(
        ",",
        type.name(),
        Integer.toString(type.cpu()),
        Integer.toString(type.memory()),
        type.arch().word(),
        kind,
        type.spot() ? "spot" : "");
  }

  public Optional<InstanceType> find(String name) {
    return Optional.ofNullable(types.get(name));
  }

  /** By name. */
  public Collection<InstanceType> all() {
    return types.values();
  }
}
