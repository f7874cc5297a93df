import { createApp } from "vue";
import "./home.css";
import Home from "./Home.vue";

createApp(Home).mount("#app");
