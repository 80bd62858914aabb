package dev.muster.kernel.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.helidon.http.HeaderValues;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import java.io.IOException;

/** Wishes and answers in JSON: snake case, RFC 3339 in UTC, nothing but what is asked for. */
public final class JsonExchange {
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .addModule(new Jdk8Module())
          .addModule(new JavaTimeModule())
          .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .build();

  private final BodyReader bodies;

  public JsonExchange(BodyReader bodies) {
    this.bodies = bodies;
  }

  /**
   * The body of a request.
   *
   * @param limit in bytes
   * @throws HttpProblem 400 when it is not what {@code type} takes, 413 beyond the limit
   */
  public <T> T read(ServerRequest request, Class<T> type, int limit) {
    try (BodyReader.Body body = bodies.read(request, limit)) {
      T value = JSON.readValue(body.bytes(), type);
      if (value == null) {
        throw malformed("the body is a JSON object");
      }
      return value;
    } catch (JsonProcessingException e) {
      throw malformed("the body is not what this takes: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw malformed("the body cannot be read");
    }
  }

  /** What to throw at a wish that makes no sense. */
  public static HttpProblem malformed(String message) {
    return new HttpProblem(new ErrorBody(400, "malformed", message));
  }

  /** Answers; the status is the response's, 200 where nothing else was set. */
  public static void send(ServerResponse response, Object view) {
    response.header(HeaderValues.CONTENT_TYPE_JSON);
    try {
      response.send(JSON.writeValueAsBytes(view));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("A view can always be written", e);
    }
  }
}
