package dev.muster.webhook;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import java.io.IOException;
import java.util.Optional;

/** Whether a body is JSON of a depth that we read, without building anything from it. */
final class JsonShape {
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(DeliveryHandler.MAX_DEPTH)
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNumberLength(Integer.MAX_VALUE)
                  .maxNameLength(Integer.MAX_VALUE)
                  .build())
          .build();

  private JsonShape() {}

  /** Why {@code body} is refused, or empty when it is well-formed. */
  static Optional<String> problem(byte[] body) {
    try (JsonParser parser = FACTORY.createParser(body)) {
      if (parser.nextToken() == null) {
        return Optional.of("The body is empty");
      }
      parser.skipChildren();
      if (parser.nextToken() != null) {
        return Optional.of("Something follows the JSON value");
      }
      return Optional.empty();
    } catch (StreamConstraintsException e) {
      return Optional.of("The JSON is nested deeper than " + DeliveryHandler.MAX_DEPTH + " levels");
    } catch (IOException e) {
      return Optional.of("The body is not well-formed JSON");
    }
  }
}
