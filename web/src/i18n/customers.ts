import { messages } from "@/i18n";

export const customers = messages(
  { title: "Clientes", newCustomer: "Nuevo cliente" },
  { title: "Customers", newCustomer: "New customer" },
);
