import { setWorkerUrl } from 'maplibre-gl';
import worker from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url';
import 'maplibre-gl/dist/maplibre-gl.css';

// A file of our own, so that the page's policy needs no scripts made at run time.
setWorkerUrl(worker);

export { Map, Marker, NavigationControl, ScaleControl } from 'maplibre-gl';
