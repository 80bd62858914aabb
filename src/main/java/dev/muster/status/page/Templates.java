package dev.muster.status.page;

import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.Template;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The templates of the jar, compiled when first used. Whatever they show is escaped. */
final class Templates {
  private static final String FOLDER = "/dev/muster/status/pages/";

  private final Mustache.Compiler compiler =
      Mustache.compiler()
          .nullValue("")
          .emptyStringIsFalse(true)
          .zeroIsFalse(true)
          .withFormatter(Templates::text)
          .withLoader(name -> new java.io.StringReader(source(name)));

  private final Map<String, Template> compiled = new ConcurrentHashMap<>();

  /** Fills a template in. */
  String fill(String name, Object model) {
    return compiled.computeIfAbsent(name, n -> compiler.compile(source(n))).execute(model);
  }

  private static String source(String name) {
    return new String(Assets.resource(FOLDER + name + ".html"), StandardCharsets.UTF_8);
  }

  private static String text(Object value) {
    return value instanceof Instant at
        ? at.truncatedTo(ChronoUnit.SECONDS).toString()
        : String.valueOf(value);
  }
}
