// SPDX-License-Identifier: Apache-2.0
package holdfast.recipes;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.Serializable;

/** A bean as state. */
public final class Session implements Serializable {
  private String user;
  private int clicks;
  private Double revenue;

  public Session() {}

  /** From the JSON array [user, clicks, revenue]. */
  Session(JsonNode fields) {
    user = fields.get(0).isNull() ? null : fields.get(0).asText();
    clicks = fields.get(1).asInt();
    revenue = fields.get(2).isNull() ? null : fields.get(2).asDouble();
  }

  public String getUser() { return user; }
  public void setUser(String value) { user = value; }
  public int getClicks() { return clicks; }
  public void setClicks(int value) { clicks = value; }
  public Double getRevenue() { return revenue; }
  public void setRevenue(Double value) { revenue = value; }

  @Override
  public String toString() {
    return user + " " + clicks + " " + revenue;
  }
}
